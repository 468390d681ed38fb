export { REPORTING_DUTY, reportingRouteOf, type ReportingRoute } from './reporting-routes.js';
