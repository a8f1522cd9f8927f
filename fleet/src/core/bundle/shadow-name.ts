/** The container in which another image runs beside the one that serves; the applier's name for it. */
export const shadowName = 'mcp-utc-time-shadow'
