# ASKING: runs a script, and sends what it prints, while it prints it. Takes no lock and leaves no trace.
# It is run from Perl, which ends it with all its children when its time is over or the controller has
# gone: shell cannot give back signals that it was started without.

mode_ask() {
  field as
  as=$value
  number_field seconds
  seconds=$value
  number_field most-bytes
  current_generation
  begin_report
  command -v perl >/dev/null || fail step-failed 'perl is missing: apt-get install perl-base'
  write_asker >"$work/ask"
  perl "$work/ask" "$files/0" "$as" "$seconds" "$value" ||
    fail step-failed 'the script could not be run, or its output not be sent'
  finish "\"status\":\"ok\",\"generation\":$current" 0
}

write_asker() {
  cat <<'PERL'
# perl ask SCRIPT root|login SECONDS MOST-BYTES
use strict;
my ($script, $as, $seconds, $most) = @ARGV;
my $beat = 5; # so often a word goes out, which fails when nobody listens any more

sub base64 {
  my ($bytes) = @_;
  my $text = pack 'u', $bytes;
  $text =~ s/^.//mg;
  $text =~ tr/\n//d;
  $text =~ tr|` -_|AA-Za-z0-9+/|;
  my $padding = (3 - length($bytes) % 3) % 3;
  substr($text, -$padding) = '=' x $padding if $padding;
  return $text;
}

# From root back to whoever logged in, with all groups.
sub become_login {
  my $name = $ENV{SUDO_USER};
  return if $> != 0 || $as ne 'login' || !$name || $name eq 'root';
  my (undef, undef, $user, $group, undef, undef, undef, $home, $shell) = getpwnam $name or die;
  my @groups = ($group);
  while (my (undef, undef, $id, $members) = getgrent) {
    push @groups, $id if grep { $_ eq $name } split ' ', $members;
  }
  $) = "$group @groups";
  $( = $group;
  ($<, $>) = ($user, $user);
  die if $< != $user || $> != $user || $) + 0 != $group;
  @ENV{qw(USER LOGNAME HOME SHELL)} = ($name, $name, $home, $shell);
  chdir $home or chdir '/';
}

$^F = 9; # descriptor 3 is left open for the script: the folder that it is in is root's
open my $text, '<', $script or die;
my $first = <$text> || '';
seek $text, 0, 0;
my @with = $first =~ /^#!\s*(\S+)[ \t]*(.*?)\s*$/ ? grep({ length } $1, $2) : '/bin/sh';
@with = 'sh' if $with[0] eq '/bin/sh';
my $at = '/dev/fd/' . fileno $text;
chmod 0644, $script;

$^F = 2;
pipe my $out, my $in or die;
defined(my $child = fork) or die;
if (!$child) {
  setpgrp 0, 0;
  $SIG{$_} = 'DEFAULT' for qw(HUP PIPE INT TERM);
  open STDIN, '<', '/dev/null';
  open STDOUT, '>&', $in;
  open STDERR, '>&', $in;
  become_login();
  delete @ENV{grep { /^SUDO_/ } keys %ENV};
  exec { $with[0] } @with, $at or print STDERR "$with[0]: $!\n";
  kill 9, $$;
}
close $in;

my ($late, $left_out, $status) = (0, 0, undef);
sub say_bytes {
  my $line = '{"type":"bytes","base64":"' . base64($_[0]) . qq("}\n);
  while (length $line) {
    my $count = syswrite STDOUT, $line;
    last_of('KILL') if !defined $count;
    substr($line, 0, $count) = '';
  }
}
sub last_of {
  kill 'TERM', -$child;
  select undef, undef, undef, 0.2;
  kill $_[0], -$child;
  exit 1;
}

my $end = time + $seconds;
my $spoke = time;
my $open = 1;
while ($open || !defined $status) {
  if (!defined $status && waitpid($child, 1) == $child) {
    $status = $?;
    $end = time + 1 if $end > time + 1; # what it left behind may hold the pipe
  }
  if (time >= $end) {
    last if defined $status;
    $late++;
    kill $late == 1 ? 'TERM' : 'KILL', -$child;
    $end = time + 2;
  }
  my $mask = '';
  vec($mask, fileno $out, 1) = 1 if $open;
  my $wait = $open && !defined $status ? 1 : 0.05;
  if (select($mask, undef, undef, $wait) > 0) {
    my $count = sysread $out, my $chunk, 49152;
    if (!$count) { $open = 0 }
    else {
      my $kept = $count < $most ? $count : $most;
      $most -= $kept;
      $left_out += $count - $kept;
      if ($kept) { say_bytes(substr $chunk, 0, $kept); $spoke = time }
    }
  }
  if (time - $spoke >= $beat) { say_bytes(''); $spoke = time }
}
my $code = $status & 127 ? 128 + ($status & 127) : $status >> 8;
my $in_time = $late ? 'false' : 'true';
print qq({"type":"exit","code":$code,"in_time":$in_time,"left_out_bytes":$left_out}\n);
PERL
}
