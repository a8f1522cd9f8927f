# RESEAT

# The operator says what the highest epoch is that this device has seen.
mode_reseat() {
  begin_report
  trap '' HUP PIPE INT TERM
  take_lock 10
  number_field epoch
  write_state epoch "$value" || give_up
  current_generation
  finish "\"status\":\"ok\",\"generation\":$current" 0
}
