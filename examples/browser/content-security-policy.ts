/**
 * The page's own files and compiling wasm, nothing else. In the page itself, and sent with every file by our server, so that
 * workers keep to it as well.
 */
export const contentSecurityPolicy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'";
