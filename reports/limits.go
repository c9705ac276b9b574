package reports

// The package's limits. They bound what one hostile value can do to a page;
// how many rows a report has is not bounded.
const (
	// maxText is the most characters of one text that a report shows.
	maxText = 512
	// expiringDays is how near an expiry is named in the observations, in
	// days; the horizon chart shows more.
	expiringDays = 30
)
