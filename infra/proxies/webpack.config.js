// webpack's development server in front of a Crawlcast worker: the part of your webpack.config.js that matters.
// Written for webpack-dev-server 5. infra/proxies/README.md has the reasons.

module.exports = {
  mode: "development",
  devServer: {
    proxy: [
      {
        context: ["/v1"],
        target: "http://127.0.0.1:8080",
        // Left alone, a stream that the worker has broken off stays open, and a browser that leaves is hidden from the worker.
        onProxyRes: (proxyRes, _, response) => (proxyRes.on("aborted", () => response.destroy()), response.on("close", () => proxyRes.destroy())),
      },
    ],
  },
};
