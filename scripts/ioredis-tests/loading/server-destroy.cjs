/** Gives a server `destroy()`: it closes, and so do all its connections. */
module.exports = function enableDestroy(server) {
  const connections = new Set();
  server.on('connection', (connection) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
    // A client of this package resets connections that it gives up. The tests' servers listen for no error.
    connection.on('error', () => connection.destroy());
  });
  server.destroy = (callback) => {
    server.close(callback);
    for (const connection of connections) connection.destroy();
  };
};
