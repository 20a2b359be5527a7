/** What the dashboards' variables are when all of the greeting service is looked at. */
export const dashboardVariables = {
  service: 'service',
  service_name: 'greeting',
  route: '.*',
  level: '.*',
  trace_id: '',
  contains: '',
}
