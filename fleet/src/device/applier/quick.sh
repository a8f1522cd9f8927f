# QUICK LOOKS. A look leaves in memory what it reported, and a print of all that the report is about:
# contents by sha256, packages by dpkg's database, services and containers as systemd and Docker tell
# them. While the print is the same, the next check is answered with the same report. It is in Perl,
# which every Debian has (perl-base is essential), so that one process asks all: the programs that a look
# in full runs take ten times as long. Where anything is missing or odd, looks are in full.

# Sets $remembering, and takes the print of what the manifest names.
begin_remembering() {
  field remember
  [ -n "$value" ] && command -v perl >/dev/null || return 0
  case $value in *[!0-9a-f]*) refuse_manifest remember ;; esac
  quick_key=$value
  write_quick_look >"$work/quick" || return 0
  list_watched >"$work/asked" || return 0
  perl "$work/quick" print "$root" <"$work/asked" >"$work/print" 2>/dev/null || return 0
  remembering=yes
  exec 6>"$work/lines"
}

# Whatever changed while it was looked at is not remembered.
end_remembering() {
  [ -n "$remembering" ] && [ "$busy_json" = null ] || return 0
  perl "$work/quick" print "$root" <"$work/asked" >"$work/print-after" 2>/dev/null || return 0
  cmp -s "$work/print" "$work/print-after" || return 0
  each "$manifest" watch-container is_as_printed || return 0
  kernel_file uptime /proc/uptime
  read -r up _ <"$found" && date=$(date +%s) || return 0
  {
    printf '%s\n' "$quick_key $boot ${up%%.*} $date $nonce $current" -- &&
      cat "$work/asked" && echo -- && cat "$work/print" && echo -- && cat "$work/lines"
  } >"$work/look" || return 0
  mv -T "$work/quick" "$root/run/timeball/quick" && mv -T "$work/look" "$root/run/timeball/look" || return 0
}

# The docker that we ran may ask another engine than the one whose socket is in /run.
is_as_printed() {
  find_object "$1"
  grep -q "^container $1 $container $health ${id:--}\\( \\|\$\\)" "$work/print"
}

list_watched() {
  packages=''
  printf '%s\n' 'content /proc/sys/kernel/hostname' 'content /etc/hostname' 'content /etc/os-release'
  for name in lock current pending epoch recovered reboot-required container "generations/$current/manifest"; do
    printf '%s\n' "content /var/lib/timeball/$name"
  done
  while read -r verb one _; do
    case $verb in
    watch-file) printf '%s\n' "file $one" ;;
    watch-boot-config) printf '%s\n' 'file /boot/firmware/config.txt' 'file /boot/config.txt' ;;
    watch-service) printf '%s\n' "unit $one" ;;
    watch-container) printf '%s\n' "container $one" 'content /run/docker.pid' ;;
    watch-image) printf '%s\n' "image $one" ;;
    watch-disk) printf '%s\n' "disk $one" ;;
    watch-package)
      [ -n "$packages" ] || printf '%s\n' 'database /var/lib/dpkg/status' 'database /var/lib/dpkg/updates'
      packages=yes
      ;;
    esac
  done <"$manifest"
}

write_quick_look() {
  cat <<'PERL'
# perl quick print ROOT <LIST          the print of what LIST names
# perl quick ROOT NONCE KEY            the report, from ROOT/run/timeball/look
# Dies, and says nothing, where it cannot tell or where something is not as it was.
use strict;
alarm 5;

sub text_of {
  my ($path) = @_;
  open my $file, '<', $path or return '';
  local $/;
  return scalar <$file>;
}

# AF_UNIX and SOCK_STREAM are 1; the constants' module costs more than all the rest.
sub dial {
  my ($path) = @_;
  socket my $socket, 1, 1, 0 or die;
  connect $socket, pack 'S a108', 1, $path or die;
  return $socket;
}

sub docker {
  my ($root, $path) = @_;
  my $socket = dial("$root/run/docker.sock");
  syswrite $socket, "GET $path HTTP/1.0\r\n\r\n" or die;
  return $socket;
}

# The body of an answer; empty when there is no such object.
sub answer_of {
  my ($socket) = @_;
  local $/;
  my ($status, $body) = <$socket> =~ m{^HTTP/1\.\d (\d+) .*?\r\n\r\n(.*)}s or die;
  return $status == 200 ? $body : $status == 404 ? '' : die;
}

sub first {
  my ($pattern, $body) = @_;
  $body =~ $pattern or die;
  return $1;
}

sub container_print {
  my ($body) = @_;
  return 'absent none -' if $body eq '';
  my $health = $body =~ /"Health":\{"Status":"(\w+)"/ ? $1 : 'none';
  $health = 'none' if $health !~ /^(un)?healthy$|^starting$/;
  return join ' ', first(qr/"State":\{"Status":"(\w+)"/, $body), $health,
    first(qr/^\{"Id":"([^"]+)"/, $body), first(qr/"Image":"(sha256:[^"]+)"/, $body),
    first(qr/"RestartCount":(\d+)/, $body), first(qr/"Pid":(\d+)/, $body),
    first(qr/"StartedAt":"([^"]+)"/, $body);
}

sub image_print {
  my ($body) = @_;
  return $body eq '' ? 'absent' : first(qr/^\{"Id":"(sha256:[^"]+)"/, $body);
}

# The value of a property in a reply, in hex. No text of D-Bus has a zero byte inside, so that what is
# found here is the property's name and type, and no value that looks like it.
sub value_of {
  my ($reply, $type, $name) = @_;
  my $key = pack 'V/a* x C/a* x', $name, $type;
  my $at = index $reply, $key;
  die if $at < 0;
  $at += length $key;
  return unpack 'H*', unpack 'V/a*', substr $reply, $at + -$at % 4;
}

# One call of D-Bus, little-endian: serial, destination or nothing, path, interface, member, texts.
sub call_of {
  my ($serial, $to, $path, $interface, $member, @texts) = @_;
  my $body = '';
  $body .= "\0" x (-length($body) % 4) . pack 'V/a* x', $_ for @texts;
  my $fields = '';
  for (
    [1, 'o', $path],
    [2, 's', $interface],
    [3, 's', $member],
    $to eq '' ? () : [6, 's', $to],
    @texts ? [8, 'g', 's' x @texts] : (),
  ) {
    my ($code, $type, $value) = @$_;
    $fields .= "\0" x (-length($fields) % 8) . pack 'C C a x', $code, 1, $type;
    $fields .= $type eq 'g' ? pack 'C/a* x', $value : pack 'V/a* x', $value;
  }
  my $head = pack 'a C C C V V V', 'l', 1, 0, 1, length $body, $serial, length $fields;
  return $head . $fields . "\0" x (-length($fields) % 8) . $body;
}

# The body of the next reply, and the name of the error where it is one.
sub reply_of {
  my ($socket) = @_;
  while (1) {
    read($socket, my $head, 16) == 16 or die;
    my ($type, $body, $fields) = (unpack 'a C C C V V V', $head)[1, 4, 6];
    $fields += -$fields % 8;
    my $size = $fields + $body;
    die if $size > 262144;
    read($socket, my $rest, $size) == $size or die;
    next if $type == 4; # a signal
    my $error = $type == 2 ? '' : (substr $rest, 0, $fields) =~ /\x04\x01s\x00....([\w.]+)\x00/s ? $1 : die;
    return [substr($rest, $fields), $error];
  }
}

# By the system's bus, which systemd is on anyway: a connection of one's own costs it four times as much
# as all that is asked. Where there is no bus, there is only that. A call that comes with the greeting
# may wait until the next bytes come, so it comes after the answer to it.
sub systemd_of {
  my ($root) = @_;
  my $bus = "$root/run/dbus/system_bus_socket";
  my $to = -S $bus ? 'org.freedesktop.systemd1' : '';
  my $socket = dial($to eq '' ? "$root/run/systemd/private" : $bus);
  syswrite $socket, "\0AUTH EXTERNAL " . unpack('H*', $>) . "\r\nBEGIN\r\n" or die;
  { local $/ = "\r\n"; <$socket> =~ /^OK / or die }
  my $serial = 0;
  my $ask = sub {
    syswrite $socket, join '', map { call_of(++$serial, @$_) } @_ or die;
    return map { reply_of($socket) } @_;
  };
  my $driver = 'org.freedesktop.DBus';
  $ask->([$driver, '/org/freedesktop/DBus', $driver, 'Hello']) if $to ne '';
  return ($to, $ask);
}

# What systemd says of each unit. One that nothing refers to is not asked for its properties: systemd
# would read it from the disk for that, tell everybody, and forget it again.
sub units_of {
  my ($root, @units) = @_;
  return () if !@units;
  my ($to, $ask) = systemd_of($root);
  my @manager = ($to, '/org/freedesktop/systemd1', 'org.freedesktop.systemd1.Manager');
  my @found = $ask->(map { [@manager, 'GetUnit', $_] } @units);
  my @calls;
  for my $index (0 .. $#units) {
    my ($body, $error) = @{$found[$index]};
    die if $error !~ /^(org\.freedesktop\.systemd1\.NoSuchUnit)?$/;
    push @calls, $error eq ''
      ? [$to, unpack('V/a*', $body), 'org.freedesktop.DBus.Properties', 'GetAll', 'org.freedesktop.systemd1.Unit']
      : [@manager, 'GetUnitFileState', $units[$index]];
  }
  my @states = $ask->(@calls);
  return map { $found[$_][1] eq '' ? loaded(@{$states[$_]}) : unloaded(@{$states[$_]}) } 0 .. $#units;
}

sub loaded {
  my ($reply, $error) = @_;
  die if $error ne '';
  return join ' ', value_of($reply, 'ay', 'InvocationID'),
    map { value_of($reply, 's', $_) } qw(LoadState ActiveState UnitFileState);
}

sub unloaded {
  my ($reply, $error) = @_;
  die if $error !~ /^(org\.freedesktop\.DBus\.Error\.FileNotFound)?$/;
  return "unloaded $error" . unpack 'H*', $error eq '' ? unpack 'V/a*', $reply : '';
}

sub file_print {
  my ($path) = @_;
  my @stat = lstat $path;
  return @stat ? join ' ', @stat[2, 4, 5, 7] : 'absent';
}

# A database that was replaced in this second could be replaced again unseen.
sub database_print {
  my ($path) = @_;
  my @stat = lstat $path or return 'absent';
  die if $stat[10] > time - 2;
  return join ' ', @stat[0, 1, 7, 9, 10];
}

sub sums_of {
  return () if !@_;
  open my $sums, '-|', 'sha256sum', '-z', '--', @_ or die;
  local $/ = "\0";
  my @sums = map { substr $_, 0, 64 } <$sums>;
  close $sums or die;
  return @sums == @_ ? @sums : die;
}

# Of a link that is managed as a file, what it points to is not reported.
sub is_regular {
  my ($kind, $path) = @_;
  return $kind eq 'content' ? -f $path : $kind eq 'file' && lstat $path && -f _;
}

# Docker is asked before anybody is waited for.
sub print_of {
  my ($root, @list) = @_;
  my @items = map { [split / /, $_, 2] } grep { !/^disk / } @list;
  my (%docker, @units, @regular);
  for (@items) {
    my ($kind, $name) = @$_;
    $docker{$name} = docker($root, "/containers/$name/json") if $kind eq 'container';
    $docker{$name} = docker($root, "/images/$name/json") if $kind eq 'image';
    push @units, $name if $kind eq 'unit';
    push @regular, "$root$name" if is_regular($kind, "$root$name");
  }
  my @states = units_of($root, @units);
  my @sums = sums_of(@regular);
  my %sums;
  @sums{@regular} = @sums;
  my $print = '';
  for (@items) {
    my ($kind, $name) = @$_;
    my $what =
        $kind eq 'file' ? file_print("$root$name") . ' ' . ($sums{"$root$name"} || '-')
      : $kind eq 'content' ? $sums{"$root$name"} || 'absent'
      : $kind eq 'database' ? database_print("$root$name")
      : $kind eq 'container' ? container_print(answer_of($docker{$name}))
      : $kind eq 'image' ? image_print(answer_of($docker{$name}))
      : $kind eq 'unit' ? shift @states
      : die;
    $print .= "$kind $name $what\n";
  }
  return $print;
}

sub disks_of {
  my ($root, @paths) = @_;
  return '' if !@paths;
  open my $df, '-|', 'df', '-Pk', map { "$root$_/" } @paths or die;
  my (undef, @rows) = <$df>;
  close $df or die;
  die if @rows != @paths;
  my $lines = '';
  for my $path (@paths) {
    my (undef, $size, undef, $free, $used) = split ' ', shift @rows;
    die if "$size$free" =~ /\D/ || $used !~ s/%$//;
    $size *= 1024, $free *= 1024;
    $lines .= qq({"type":"disk","path":"$path","size_bytes":$size,"free_bytes":$free,"used_percent":$used}\n);
  }
  return $lines;
}

if ($ARGV[0] eq 'print') {
  chomp(my @list = <STDIN>);
  print print_of($ARGV[1], @list);
  exit;
}

my ($root, $nonce, $key) = @ARGV;
my $own = $root ne '' && -r "$root/proc/boot_id";
my ($uptime) = text_of($own && -r "$root/proc/uptime" ? "$root/proc/uptime" : '/proc/uptime') =~ /^(\d+)/ or die;
my $boot = text_of($own ? "$root/proc/boot_id" : '/proc/sys/kernel/random/boot_id');
chomp $boot;

my ($meta, $list, $print, $lines) = split /^--\n/m, text_of("$root/run/timeball/look"), 4;
my ($had_key, $had_boot, $had_uptime, $had_time, $had_nonce, $generation) = split ' ', $meta;
die if $key ne $had_key || $boot ne $had_boot;
for my $age ($uptime - $had_uptime, time - $had_time) { die if $age < 0 || $age >= 86400 }
my @list = split /\n/, $list;
die if print_of($root, @list) ne $print;

my $disks = disks_of($root, grep { -d "$root$_" } map { /^disk (.*)/ ? $1 : () } @list);
$lines =~ s/^\{"type":"disk",.*\n//mg;
$lines =~ s/"uptime_seconds":\d+/"uptime_seconds":$uptime/;
my $age = time - ((stat "$root/var/lib/timeball/epoch")[9] // time);
$age = 'null' if $age < 0;
$lines =~ s/"epoch_age_seconds":\d+/"epoch_age_seconds":$age/;
print qq({"type":"begin","protocol":1,"nonce":"$nonce"}\n{"type":"unchanged","nonce":"$had_nonce"}\n),
  $lines, $disks, qq({"type":"end","nonce":"$nonce","status":"ok","generation":$generation}\n);
PERL
}
