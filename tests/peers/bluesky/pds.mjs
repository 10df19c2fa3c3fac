// A real Bluesky PDS and PLC directory on loopback. No database server, no internet.
// Environment: PLC_PORT, PDS_PORT, PDS_RATE=1 for the real rate limits. Ends with its parent (stdin closes).
import './loopback.mjs'
import { TestPlc, TestPds, mockNetworkUtilities, mockMailer } from '@atproto/dev-env'

const plc = await TestPlc.create({ port: Number(process.env.PLC_PORT) })
const pds = await TestPds.create({
  port: Number(process.env.PDS_PORT),
  hostname: 'localhost',
  didPlcUrl: plc.url,
  enableDidDocWithSession: true,
  ...(process.env.PDS_RATE ? { rateLimitsEnabled: true } : {}),
})
mockNetworkUtilities(pds)
if (mockMailer) mockMailer(pds)
console.log(JSON.stringify({ ready: true, pds: pds.url, plc: plc.url }))

const stop = async () => {
  await pds.close()
  await plc.close()
  process.exit(0)
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stop)
process.stdin.on('end', stop)
process.stdin.resume()
