export { REPORTING_DUTY, reportingRouteOf } from './reporting-routes.js';
