// node segment.mjs URL KEY COUNT: tracks events with Segment's Node SDK and reports what it could not deliver.
import { Analytics } from "@segment/analytics-node";

const [url, writeKey, count] = process.argv.slice(2);
const analytics = new Analytics({ writeKey, host: url, path: "/v1/batch", flushAt: 20, flushInterval: 200, maxRetries: 20 });
analytics.on("error", (error) => { console.error(error); process.exitCode = 1; });
for (let n = 0; n < Number(count); n += 1) {
  analytics.track({
    messageId: `segment-node-${n}`,
    userId: `user-${n % 7}`,
    event: "touch_sent",
    timestamp: new Date(Date.UTC(2026, 10, 20, 12, 0, n % 60)),
    properties: { n, note: "é😀" },
    context: { locale: "de-DE" },
  });
}
await analytics.closeAndFlush({ timeout: 60_000 });
