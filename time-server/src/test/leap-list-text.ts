/** A short list of leap seconds in the form of the IERS, with a right hash. Only for tests. */
export const shortLeapList = `#	three of them
#$	3945561600
#@	4007318400
2272060800	10	# 1 Jan 1972
3644697600	36	# 1 Jul 2015
3692217600	37	# 1 Jan 2017
#h	96ca0cc9 838cc229 c30d68a5 5dc4ae75 ec60a2ec
`
