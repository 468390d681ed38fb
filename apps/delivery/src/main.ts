import { runService } from '#libs/runtime';
import { DeliveryConfig } from './config.js';
import { defineDelivery } from './delivery-service.js';

await runService('delivery', DeliveryConfig, defineDelivery);
