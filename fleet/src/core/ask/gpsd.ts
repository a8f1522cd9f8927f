/** How scripts on a device listen to gpsd. Its own gpspipe comes with a graphical program on Debian. */

/**
 * `gpsd_says SECONDS CLASSES [LINES]`: lines `gpsd=JSON` of these classes (`TPV|SKY`), until the time is
 * over or so many lines came; fails when gpsd does not answer. `$r` is the root of the device: one
 * whose root is elsewhere has what its gpsd says in a file.
 */
export const gpsdSays = `gpsd_says() {
  if [ -n "$r" ]; then
    [ -e "$r/run/gpsd.json" ] && grep -E "\\"class\\":\\"($2)\\"" "$r/run/gpsd.json" | sed 's/^/gpsd=/'
    return
  fi
  perl -e '
    use strict;
    use Socket;
    my ($seconds, $classes, $lines) = @ARGV;
    my $gpsd;
    socket $gpsd, PF_INET, SOCK_STREAM, 0 or exit 1;
    connect $gpsd, pack_sockaddr_in(2947, inet_aton("127.0.0.1")) or exit 1;
    syswrite $gpsd, qq(?WATCH={"enable":true,"json":true,"pps":true};\\n);
    $| = 1;
    $SIG{ALRM} = sub { exit 0 };
    alarm $seconds;
    while (<$gpsd>) {
      next if !/"class":"(?:$classes)"/;
      s/\\s+$//;
      print "gpsd=", substr($_, 0, 4000), "\\n";
      exit 0 if $lines && --$lines == 0;
    }' "$1" "$2" "\${3:-0}"
}
`
