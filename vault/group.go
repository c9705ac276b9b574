package vault

import (
	"context"
	"errors"
	"time"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/internal/fault"
)

// group runs first and whatever else waits in one transaction, and gives
// everybody their verdict after COMMIT.
func (w *writer) group(first *request) {
	if err := w.begin(); err != nil {
		first.verdict <- err
		return
	}
	members, err := w.gather(first)
	if err == nil {
		err = w.commit()
	}
	if err != nil {
		w.abandon()
	}
	for _, r := range members {
		r.verdict <- err
	}
}

// begin locks the file for this process and makes sure that its schema is
// still the program's own, and that the tree is that of the log in it: another
// process may have appended.
func (w *writer) begin() error {
	if err := w.lock(); err != nil {
		return err
	}
	err := w.rules.recheck(context.Background(), w.reader())
	if err == nil {
		err = w.refresh()
	}
	if err != nil {
		w.abandon()
	}
	return err
}

// commit ends the transaction, if the log in the file ends where the tree
// does. It does not when something in the file takes entries away as they are
// written.
func (w *writer) commit() error {
	size, _, err := w.head()
	if err != nil {
		return err
	}
	if size != w.tree.Size() {
		return fault.New(fault.Tampered, "the log does not keep what is written to it, so nothing was changed",
			"somebody changed the database's own rules; keep the file for an investigation and put a backup in its place")
	}
	return w.command(sqlCommit)
}

// lock begins the transaction, as soon as no other process has one. SQLite's
// own waiting tries more and more seldom, up to ten times a second, so that a
// busy process keeps an idle one out for seconds; trying at a steady, slightly
// uneven pace meets a gap within milliseconds.
func (w *writer) lock() error {
	for try := 1; ; try++ {
		err := w.command(sqlBegin)
		if err == nil || !busy(err) || try >= w.tries {
			return err
		}
		time.Sleep(lockPause/2 + lockPause*time.Duration(try%7)/6)
	}
}

// abandon rolls the transaction back. What the tree knows may be gone, so it
// is read again before the next use. ROLLBACK fails where SQLite has rolled
// back by itself, which is as good.
func (w *writer) abandon() {
	w.tree = nil
	_ = w.command(sqlRollback)
}

// gather runs the changes that wait, up to a full group, and gives those whose
// verdict is COMMIT's. An error means that the transaction is lost.
func (w *writer) gather(first *request) ([]*request, error) {
	var members []*request
	for r, n := first, 1; ; n++ {
		in, err := w.serve(r)
		if in {
			members = append(members, r)
		}
		if err != nil || n >= w.options.MaxBatch {
			return members, err
		}
		if r = w.next(); r == nil {
			return members, nil
		}
	}
}

// next gives a waiting change, or nil.
func (w *writer) next() *request {
	select {
	case r := <-w.queue: // nil when the queue is closed and empty
		return r
	default:
		return nil
	}
}

// serve gives r its turn in a savepoint of its own. It reports whether r
// awaits the group's verdict; if not, r already has its own.
func (w *writer) serve(r *request) (in bool, err error) {
	if r.ctx.Err() != nil {
		r.verdict <- canceled(r.ctx)
		return false, nil
	}
	if err := w.command(sqlSave); err != nil {
		return true, err
	}
	tx := newTx(r.ctx, w)
	r.turn <- tx
	failure := <-r.result
	lost := tx.broken
	tx.broken = errOver
	switch {
	case lost != nil:
		return true, lost
	case failure == nil:
		return true, w.command(sqlKeep)
	}
	if err := w.takeBack(tx); err != nil {
		return true, err
	}
	r.verdict <- failure
	return false, nil
}

// takeBack undoes one change: its rows and its leaves.
func (w *writer) takeBack(tx *Tx) error {
	if tx.before != nil {
		w.tree = tx.before
	}
	w.last = tx.last
	return errors.Join(w.command(sqlTakeBack), w.command(sqlKeep))
}

// refresh reads the tree's state from the file, if it is not that already.
func (w *writer) refresh() error {
	size, last, err := w.head()
	if err != nil {
		return err
	}
	if w.tree != nil && size < w.tree.Size() {
		return fault.New(fault.Tampered, "the log became shorter while it was open", "somebody put an older copy of the database in place; verify the log")
	}
	if w.tree == nil || size > w.tree.Size() {
		tree, err := audit.Restore(context.Background(), size, hashStore{w.reader()})
		if err != nil {
			return err
		}
		w.tree = tree
	}
	w.last = last
	return nil
}

// head gives the size of the log and the time of its last entry.
func (w *writer) head() (int64, time.Time, error) {
	all, err := many(context.Background(), w.reader(), func(s scanner) (h head, err error) {
		err = s.Scan(&h.seq, when(&h.at))
		return h, err
	}, `SELECT seq, time FROM log ORDER BY seq DESC LIMIT 1`)
	if err != nil || len(all) == 0 {
		return 0, time.Time{}, err
	}
	return all[0].seq + 1, all[0].at, nil
}

type head struct {
	seq int64
	at  time.Time
}

// reader reads on the writer's connection, outside any change.
func (w *writer) reader() Reader { return newTx(context.Background(), w).Reader }
