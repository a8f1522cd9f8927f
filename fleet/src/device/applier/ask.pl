# ASKING: runs a script, and sends what it prints, while it prints it. Takes no lock and leaves no trace.
# It ends the script with all its children when its time is over or the controller has gone: shell
# cannot give back signals that it was started without. All of it is one function, called last: half of
# this program, from a connection that was cut, does nothing.
#
#   perl - ROOT NONCE root|login SECONDS MOST-BYTES LENGTH       with the script after __END__
use strict;

sub asked {
my ($root, $nonce, $as, $seconds, $most, $length) = @ARGV;
my $beat = 5; # so often a word goes out, which fails when nobody listens any more

my $current = 0;
if (open my $kept, '<', "$root/var/lib/timeball/current") {
  my $line = <$kept>;
  $current = $1 if defined $line && $line =~ /^(\d{1,15})$/;
}
my $head = qq({"type":"begin","protocol":1,"nonce":"$nonce"}\n);
my $fail = sub {
  my ($code, $detail) = @_;
  print qq({"type":"end","nonce":"$nonce","status":"failed","generation":$current,"code":"$code","detail":"$detail"}\n);
  exit 3;
};
$nonce =~ /^[0-9a-f]{32}$/ or exit 3;

my $base64 = sub {
  my ($bytes) = @_;
  my $text = pack 'u', $bytes;
  $text =~ s/^.//mg;
  $text =~ tr/\n//d;
  $text =~ tr|` -_|AA-Za-z0-9+/|;
  my $padding = (3 - length($bytes) % 3) % 3;
  substr($text, -$padding) = '=' x $padding if $padding;
  return $text;
};

# From root back to whoever logged in, with all groups.
my $become_login = sub {
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
};

binmode main::DATA;
my $script = do { local $/; <main::DATA> };
$script = '' if !defined $script;
length $script == $length or $fail->('corrupt-bundle', 'the script did not arrive whole');
$| = 1;
print $head;

$ENV{HOME} = '/root' if !defined $ENV{HOME};
$ENV{PATH} .= ':/usr/local/sbin:/usr/sbin:/sbin';
$^F = 9; # what is opened now is left open for the script, in a file that has no name any more
my $text;
{
  local $ENV{TMPDIR} = "$root/run"; # in memory: a full disk can be asked, too
  open $text, '+>', undef or $fail->('no-space', 'no file could be made for the script');
}
print {$text} $script;
seek($text, 0, 0) or $fail->('no-space', 'no space for the script');
chmod 0644, $text;
my @with = $script =~ /\A#!\s*(\S+)[ \t]*([^\n]*?)\s*(?:\n|\z)/ ? grep({ length } $1, $2) : '/bin/sh';
@with = 'sh' if $with[0] eq '/bin/sh';
my $at = '/dev/fd/' . fileno $text;

$^F = 2;
$SIG{CHLD} = sub {}; # ends the wait below: the script closes its pipe a moment before it has ended
my ($out, $in);
pipe $out, $in or $fail->('step-failed', 'the script could not be run');
my $child = fork;
defined $child or $fail->('step-failed', 'the script could not be run');
if (!$child) {
  setpgrp 0, 0;
  $SIG{$_} = 'DEFAULT' for qw(HUP PIPE INT TERM);
  open STDIN, '<', '/dev/null';
  open STDOUT, '>&', $in;
  open STDERR, '>&', $in;
  $become_login->();
  delete @ENV{grep { /^SUDO_/ } keys %ENV};
  exec { $with[0] } @with, $at or print STDERR "$with[0]: $!\n";
  kill 9, $$;
}
close $in;

my ($late, $left_out, $status) = (0, 0, undef);
my $last_of = sub {
  kill 'TERM', -$child;
  select undef, undef, undef, 0.2;
  kill 'KILL', -$child;
  exit 3;
};
my $say_bytes = sub {
  my $line = '{"type":"bytes","base64":"' . $base64->($_[0]) . qq("}\n);
  while (length $line) {
    my $count = syswrite STDOUT, $line;
    next if !defined $count && $! == 4; # EINTR, when the script ends meanwhile
    $last_of->() if !defined $count;
    substr($line, 0, $count) = '';
  }
};

my $end = time + $seconds;
my $spoke = time;
my $open = 1;
while ($open || !defined $status) {
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
      if ($kept) { $say_bytes->(substr $chunk, 0, $kept); $spoke = time }
    }
  }
  if (time - $spoke >= $beat) { $say_bytes->(''); $spoke = time }
  if (!defined $status && waitpid($child, 1) == $child) {
    $status = $?;
    $end = time + 1 if $end > time + 1; # what it left behind may hold the pipe
  }
}
my $code = $status & 127 ? 128 + ($status & 127) : $status >> 8;
my $in_time = $late ? 'false' : 'true';
print qq({"type":"exit","code":$code,"in_time":$in_time,"left_out_bytes":$left_out}\n);
print qq({"type":"end","nonce":"$nonce","status":"ok","generation":$current}\n);
}

# Never 1: that is what sudo ends with when it refuses.
END { $? = 3 if $? }
asked();
