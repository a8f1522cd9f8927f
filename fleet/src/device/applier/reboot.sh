# REBOOT

mode_reboot() {
  enter
  record_operation "$operation" "\"status\":\"ok\",\"generation\":$current" || give_up
  detach 'sleep 1; exec systemctl reboot'
  finish "\"status\":\"ok\",\"generation\":$current" 0
}
