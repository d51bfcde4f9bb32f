// Runs at the edge, before a request for the page or for its WebSocket.
function handler(event) {
  var request = event.request;
  var headers = request.headers;
  if (request.uri === '/config.json') {
    return {
      statusCode: 200,
      statusDescription: 'OK',
      headers: {
        'cache-control': { value: 'no-cache' },
        'content-type': { value: 'application/json' },
        'x-content-type-options': { value: 'nosniff' }
      },
      body: '{"server":"/v1"}'
    };
  }
  // The door behind this host has another name, and would take its page for a foreign one. Pages of other origins it
  // judges itself.
  var origin = headers.origin;
  if (origin && !origin.multiValue && headers.host && origin.value === 'https://' + headers.host.value) {
    delete headers.origin;
  }
  return request;
}
