package views

// OpenLog shows the timeline.
type OpenLog struct{}

// OpenEntry shows one entry of the log.
type OpenEntry struct{ Seq int64 }

// OpenVerifyLog shows the verification of the log and starts it.
type OpenVerifyLog struct{}

// OpenReports shows the report desk.
type OpenReports struct{}

// OpenRunReport shows the form for a report.
type OpenRunReport struct{ Report ReportRow }

// LoadLogSummary asks for the log's head; the answer is [LogSummarised].
type LoadLogSummary struct{}

// LogSummarised answers [LoadLogSummary].
type LogSummarised struct{ Log LogSummary }

// LoadEntries asks for a page of the log, newest first; the answer is [EntriesLoaded].
type LoadEntries struct {
	Query Query
	// Outcome keeps only entries with that outcome; "" keeps all.
	Outcome string
}

// EntriesLoaded answers [LoadEntries].
type EntriesLoaded struct {
	Request uint64
	Page    Page[EntryRow]
}

// LoadEntry asks for one entry with its proof; the answer is [EntryLoaded].
type LoadEntry struct{ Seq int64 }

// EntryLoaded answers [LoadEntry].
type EntryLoaded struct{ Entry EntryDetail }

// VerifyLog verifies the whole log in the background, with [Progress] on the
// way; the answer is [LogVerified].
type VerifyLog struct{}

// LogVerified answers [VerifyLog].
type LogVerified struct{ Verdict LogVerdict }

// LoadReports asks for the reports there are; the answer is [ReportsLoaded].
type LoadReports struct{}

// ReportsLoaded answers [LoadReports].
type ReportsLoaded struct{ Reports []ReportRow }

// RunReport runs a report into a new file, with a signature beside it; the
// answer is [ReportDone].
type RunReport struct {
	ID, Title, Format, Path string
}

// ReportDone answers [RunReport].
type ReportDone struct{ Report ReportSaved }

func (OpenLog) intent()        {}
func (OpenEntry) intent()      {}
func (OpenVerifyLog) intent()  {}
func (OpenReports) intent()    {}
func (OpenRunReport) intent()  {}
func (LoadLogSummary) intent() {}
func (LoadEntries) intent()    {}
func (LoadEntry) intent()      {}
func (VerifyLog) intent()      {}
func (LoadReports) intent()    {}
func (RunReport) intent()      {}
