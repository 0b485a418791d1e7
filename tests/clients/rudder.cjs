// node rudder.cjs URL KEY COUNT: tracks events with RudderStack's Node SDK.
const RudderAnalytics = require("@rudderstack/rudder-sdk-node");

const [url, writeKey, count] = process.argv.slice(2);
const analytics = new RudderAnalytics(writeKey, { dataPlaneUrl: url, flushAt: 20, flushInterval: 200, retryCount: 20 });
let open = Number(count);
function delivered(error) {
  if (error) { console.error(error); process.exit(1); }
  open -= 1;
  if (open === 0) process.exit(0);
}
for (let n = 0; n < Number(count); n += 1) {
  analytics.track({
    messageId: `rudder-node-${n}`,
    userId: `user-${n % 7}`,
    event: "touch_sent",
    originalTimestamp: new Date(Date.UTC(2026, 10, 20, 12, 0, n % 60)),
    properties: { n, note: "é😀" },
    context: { locale: "de-DE" },
  }, delivered);
}
