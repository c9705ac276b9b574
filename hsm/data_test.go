package hsm_test

import (
	"bytes"
	"encoding/hex"
	"strconv"
	"sync"
	"testing"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/hsm/hsmtest"
	"github.com/strongroom/strongroom/internal/fault"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDataObject(t *testing.T) {
	f := hsmtest.NewToken(t)
	if got, err := f.Token.Data(t.Context(), "anchor"); err != nil || len(got) != 0 {
		t.Errorf("before the first PutData: %q, %v", got, err)
	}
	big := bytes.Repeat([]byte{7}, 64<<10)
	if err := f.Token.PutData(t.Context(), "anchor", big); err != nil {
		t.Fatal(err)
	}
	if err := f.Token.PutData(t.Context(), "other", []byte("x")); err != nil {
		t.Fatal(err)
	}
	if got, err := f.Token.Data(t.Context(), "anchor"); err != nil || len(got) != 1 || !bytes.Equal(got[0], big) {
		t.Errorf("%d values, %v", len(got), err)
	}
	for label, value := range map[string][]byte{"": {1}, "\x07": {1}, "empty": nil, "large": append(big, 7)} {
		if err := f.Token.PutData(t.Context(), label, value); fault.KindOf(err) != fault.Invalid {
			t.Errorf("PutData(%q, %d bytes): %v", label, len(value), err)
		}
	}
}

// A reader during a replacement finds the old value, the new one or both, but
// never none: none would read as "this log has no anchor".
func TestReadersNeverFindAGapInAReplacement(t *testing.T) {
	f := hsmtest.NewToken(t)
	if err := f.Token.PutData(t.Context(), "anchor", []byte("0")); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() { watch(t, f.Token, stop) })
	}
	var writers sync.WaitGroup
	for w := range 2 {
		writers.Go(func() {
			for i := range 15 {
				if err := f.Token.PutData(t.Context(), "anchor", []byte(strconv.Itoa(100*w+i))); err != nil {
					t.Errorf("PutData: %v", err)
				}
			}
		})
	}
	writers.Wait()
	close(stop)
	readers.Wait()
	if got, err := f.Token.Data(t.Context(), "anchor"); err != nil || len(got) != 1 {
		t.Errorf("in the end: %q, %v; want one value", got, err)
	}
}

func watch(t *testing.T, token *hsm.Token, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		got, err := token.Data(t.Context(), "anchor")
		if err != nil || len(got) == 0 {
			t.Errorf("during a replacement: %q, %v", got, err)
			return
		}
	}
}
