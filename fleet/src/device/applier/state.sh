# WHAT IS KEPT ON THE DEVICE

# Sets $current to the number of the active generation.
current_generation() {
  first_line "$lib/current"
  current=${line:-0}
  is_number "$current" || current=0
}

# Sets $pending and $returning: the generation that is not confirmed, or that a rollback leads to, or
# empty; and $previous and $pending_operation of either.
read_pending() {
  pending='' returning='' previous=0 pending_operation='' way=''
  [ ! -r "$lib/pending" ] || read -r pending previous pending_operation way <"$lib/pending" || :
  [ "$way" != back ] || { returning=$pending && pending=''; }
}

# state_of N: sets $state to the content address of a generation; empty when it has none.
state_of() {
  state=''
  [ ! -r "$lib/generations/$1/manifest" ] || {
    while read -r verb value _; do
      case $verb in state) state=$value && break ;; esac
    done <"$lib/generations/$1/manifest"
  }
}

# Sets $seen to the highest epoch seen here. What is no such number counts as more than any.
seen_epoch() {
  first_line "$lib/epoch"
  seen=${line:-0}
  is_number "$seen" || seen=999999999999999
}

# Sets $found to the device's own DEVICE-FILE where it is embedded, else to the kernel's.
kernel_file() {
  found=$2
  [ -z "$root" ] || [ ! -r "$root/proc/$1" ] || found=$root/proc/$1
}

boot_id() {
  kernel_file boot_id /proc/sys/kernel/random/boot_id
  first_line "$found"
  boot=$line
}
