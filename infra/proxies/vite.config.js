// Vite's development server in front of a Crawlcast worker: the part of your vite.config.js that matters.
// Written for Vite 7. infra/proxies/README.md has the reasons.

export default {
  server: {
    // The worker answers preflights. Vite would answer them itself, for pages of this machine only.
    cors: false,
    proxy: {
      "/v1": {
        target: "http://127.0.0.1:8080",
        // Vite leaves an answer open for ever whose stream the worker has broken off: the browser would not come back.
        configure: (proxy) => proxy.on("proxyRes", (proxyRes, _, response) => proxyRes.on("aborted", () => response.destroy())),
      },
    },
  },
};
