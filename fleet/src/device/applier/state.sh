# WHAT IS KEPT ON THE DEVICE

# Sets $current to the number of the active generation.
current_generation() {
  first_line "$lib/current"
  current=${line:-0}
  is_number "$current" || current=0
}

# Sets $pending (a number, or empty), $previous and $pending_operation.
read_pending() {
  pending='' previous=0 pending_operation=''
  [ ! -r "$lib/pending" ] || read -r pending previous pending_operation <"$lib/pending" || :
}

# Sets $state to the content address of generation $current; empty when it has none.
current_state() {
  state=''
  [ ! -r "$lib/generations/$current/manifest" ] || {
    while read -r verb value _; do
      case $verb in state) state=$value && break ;; esac
    done <"$lib/generations/$current/manifest"
  }
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
