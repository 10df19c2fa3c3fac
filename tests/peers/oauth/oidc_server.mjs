// A certified third-party OAuth2/OIDC authorization server as a judge of OUR OAuth client. Loopback only, in memory.
// PKCE demanded (S256), refresh tokens rotated, reuse kills the whole grant, revocation + introspection on.
// Any login/password is accepted (built-in development pages, plain HTML forms: easy for a robot or a browser).
import { Provider } from 'oidc-provider'
const port = Number(process.env.PORT ?? 57501)
const issuer = `http://127.0.0.1:${port}`
const redirect = (process.env.REDIRECT_URIS ?? 'http://127.0.0.1:57399/cb').split(',')
const provider = new Provider(issuer, {
  clients: [
    { client_id: 'conf', client_secret: 'conf-secret-0123456789', redirect_uris: redirect, grant_types: ['authorization_code', 'refresh_token'], token_endpoint_auth_method: 'client_secret_basic', application_type: 'native' },
    { client_id: 'post', client_secret: 'post-secret-0123456789', redirect_uris: redirect, grant_types: ['authorization_code', 'refresh_token'], token_endpoint_auth_method: 'client_secret_post', application_type: 'native' },
    { client_id: 'pub', redirect_uris: redirect, grant_types: ['authorization_code', 'refresh_token'], token_endpoint_auth_method: 'none', application_type: 'native' },
  ],
  cookies: { keys: ['local-only'] },
  pkce: { required: () => true },
  rotateRefreshToken: true,
  scopes: ['openid', 'offline_access', 'posts.write', 'posts.read'],
  issueRefreshToken: async () => true,
  ttl: { AccessToken: Number(process.env.ACCESS_TTL ?? 60), AuthorizationCode: 60, RefreshToken: 86400, Grant: 86400, Session: 86400, Interaction: 600, IdToken: 600 },
  features: {
    devInteractions: { enabled: true }, revocation: { enabled: true }, introspection: { enabled: true },
    pushedAuthorizationRequests: { enabled: true }, dPoP: { enabled: true },
  },
  findAccount: async (ctx, id) => ({ accountId: id, claims: async () => ({ sub: id, email: id + '@example.test' }) }),
})
provider.on('server_error', (ctx, err) => console.error('server_error', err))
provider.on('grant.error', (ctx, err) => console.error('grant.error', err.error, err.error_description, err.error_detail))
provider.listen(port, '127.0.0.1', () => console.log(JSON.stringify({ ready: true, issuer })))
// Ends with its parent.
process.stdin.on('end', () => process.exit(0))
process.stdin.resume()
