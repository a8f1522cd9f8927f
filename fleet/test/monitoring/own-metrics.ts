/** What Prometheus and Alertmanager say of themselves, as far as rules use it. */
export const ownMetrics = {
  prometheus: [
    'prometheus_config_last_reload_successful',
    'prometheus_notifications_dropped_total',
    'prometheus_rule_evaluation_failures_total',
  ],
  alertmanager: [
    'alertmanager_config_last_reload_successful',
    'alertmanager_notifications_failed_total',
  ],
} as const
