// Package reports turns plain values into evidence: a [Report] with a common
// frame (scope, as-of time, log head, population, method, limits, how to
// verify), figures, observations, charts and tables, written as JSON, CSV or
// one self-contained HTML page. The same inputs give the same bytes.
//
// A report builder knows one report; a renderer knows the frame and the parts
// and no report. So a new report needs no new renderer, and a new format no
// change to a report.
//
// It reads no database and no clock, signs nothing and writes no file: package
// gate gathers the values, signs the bytes in the HSM and puts them away. It
// states facts and never a judgement: no report says that anything conforms to
// anything, only what it is evidence for.
package reports
