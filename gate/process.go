package gate

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"syscall"
)

// processStart gives a mark of when a process began, so that a number that
// was given to another process later is told apart; 0 where the system does
// not say (proc(5), stat field 22).
func processStart(pid int) int64 {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	// The command's name, in parentheses, may hold anything.
	after := bytes.LastIndexByte(stat, ')')
	fields := bytes.Fields(stat[after+1:])
	const startTime = 22 - 3 // the first field behind the name is number 3
	if len(fields) <= startTime {
		return 0
	}
	n, err := strconv.ParseInt(string(fields[startTime]), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// alive reports whether the process that began at start still runs.
func alive(pid int, start int64) bool {
	if now := processStart(pid); start != 0 && now != 0 {
		return now == start
	}
	return syscall.Kill(pid, 0) == nil
}
