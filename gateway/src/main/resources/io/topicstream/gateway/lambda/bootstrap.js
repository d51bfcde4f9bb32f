'use strict';
// Runs a Node function: asks the runtime API for invocations, hands them to the handler, and returns what it answers.
// Read by `node -`, so that nothing of it is in a file. It ends when the server does.
const http = require('http');
const fs = require('fs');
const path = require('path');
const util = require('util');
const { pathToFileURL } = require('url');
const { createRequire } = require('module');

const [, host, port, prefix] = /^([^:/]+):(\d+)(\/.*)?$/.exec(process.env.AWS_LAMBDA_RUNTIME_API);
const root = process.env.LAMBDA_TASK_ROOT;
const handlerName = process.env._HANDLER;
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const exit = process.exit.bind(process);
// Forked processes would inherit what is meant for this one.
process.execArgv = process.execArgv.filter(arg => !arg.startsWith('--experimental-detect'));

function call(method, route, body, headers) {
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        host, port, method, agent,
        path: (prefix || '') + '/2018-06-01/runtime' + route,
        headers: body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body), ...headers },
      },
      response => {
        const parts = [];
        response.on('data', part => parts.push(part));
        response.on('error', reject);
        response.on('end', () => resolve({
          status: response.statusCode, headers: response.headers, text: Buffer.concat(parts).toString('utf8'),
        }));
      });
    request.on('error', reject);
    request.end(body);
  });
}

// Without the server there is nothing to do.
const gone = () => exit(1);

function asError(thrown, type) {
  if (util.types.isNativeError(thrown) || (thrown && thrown.message !== undefined && thrown.stack !== undefined)) {
    return {
      errorType: type || String(thrown.name),
      errorMessage: String(thrown.message),
      trace: String(thrown.stack).split('\n'),
    };
  }
  let text;
  try {
    text = String(thrown);
  } catch {
    text = 'an error that has no text';
  }
  return { errorType: type || typeof thrown, errorMessage: text, trace: [] };
}

function post(route, error) {
  return call('POST', route, JSON.stringify(error), {
    'Content-Type': 'application/json',
    'Lambda-Runtime-Function-Error-Type': encodeURIComponent(error.errorType),
  });
}

async function load() {
  const match = /^([^.]*)\.(.+)$/.exec(path.basename(handlerName));
  if (handlerName.includes('..') || !match) {
    throw Object.assign(new Error('Bad handler'), { type: 'Runtime.MalformedHandlerName' });
  }
  const stem = path.resolve(root, path.dirname(handlerName), match[1]);
  const module = await loadModule(stem, path.join(path.dirname(handlerName), match[1]));
  let found = module;
  for (const name of match[2].split('.')) {
    found = found === undefined || found === null ? undefined : found[name];
  }
  if (found === undefined && module && module.default) {
    found = match[2].split('.').reduce((from, name) => (from ? from[name] : undefined), module.default);
  }
  if (!found) {
    throw Object.assign(new Error(handlerName + ' is undefined or not exported'), { type: 'Runtime.HandlerNotFound' });
  }
  if (typeof found !== 'function') {
    throw Object.assign(new Error(handlerName + ' is not a function'), { type: 'Runtime.HandlerNotFound' });
  }
  return found;
}

function isModule(file) {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    try {
      return JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')).type === 'module';
    } catch {
      if (folder === path.dirname(folder)) {
        return false;
      }
    }
  }
}

async function loadModule(stem, name) {
  const requireThere = createRequire(path.join(root, 'bootstrap.js'));
  try {
    for (const ending of ['', '.js', '.mjs', '.cjs']) {
      const file = stem + ending;
      if (!fs.existsSync(file) || !fs.statSync(file).isFile()) {
        continue;
      }
      if (ending === '.mjs' || (ending === '.js' && isModule(file))) {
        return await import(pathToFileURL(file).href);
      }
      try {
        return requireThere(file);
      } catch (e) {
        if (ending === '.js' && (e.code === 'ERR_REQUIRE_ESM' || e.code === 'ERR_REQUIRE_ASYNC_MODULE'
            || (e instanceof SyntaxError && /import statement|Unexpected token 'export'|import\.meta|await is only/.test(e.message)))) {
          return await import(pathToFileURL(file).href);
        }
        throw e;
      }
    }
    return requireThere(requireThere.resolve(name, { paths: [root] }));
  } catch (e) {
    if (e instanceof SyntaxError) {
      throw Object.assign(e, { type: 'Runtime.UserCodeSyntaxError' });
    }
    if (e && (e.code === 'MODULE_NOT_FOUND' || e.code === 'ERR_MODULE_NOT_FOUND')) {
      throw Object.assign(e, { type: 'Runtime.ImportModuleError' });
    }
    throw e;
  }
}

let current = null;
// What is done when the event loop has nothing left to do.
let whenIdle = null;
process.on('beforeExit', () => {
  const act = whenIdle;
  whenIdle = null;
  if (act) {
    act();
  }
});

function answer(requestId, error, result) {
  if (!current || current.requestId !== requestId) {
    return;
  }
  current = null;
  whenIdle = null;
  let sent;
  if (error !== undefined && error !== null) {
    const told = asError(error);
    console.error('Invoke Error\t' + JSON.stringify(told));
    sent = post('/invocation/' + requestId + '/error', told);
  } else {
    let body;
    try {
      body = JSON.stringify(result === undefined ? null : result);
      if (body === undefined) {
        body = 'null';
      }
    } catch (e) {
      sent = post('/invocation/' + requestId + '/error', asError(e, 'Runtime.MarshalError'));
    }
    sent = sent || call('POST', '/invocation/' + requestId + '/response', body, { 'Content-Type': 'application/json' });
  }
  sent.catch(() => undefined).then(() => setImmediate(next));
}

function invoke({ headers, text }) {
  const requestId = headers['lambda-runtime-aws-request-id'];
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  process.env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'] || '';
  current = { requestId };
  let waits = true;
  const complete = (error, result) => {
    if (!current || current.requestId !== requestId) {
      return;
    }
    if (waits) {
      whenIdle = () => answer(requestId, error, result);
    } else {
      answer(requestId, error, result);
    }
  };
  const context = {
    get callbackWaitsForEmptyEventLoop() { return waits; },
    set callbackWaitsForEmptyEventLoop(value) { waits = value; },
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: undefined,
    identity: undefined,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: requestId,
    getRemainingTimeInMillis: () => deadline - Date.now(),
    done: complete,
    succeed: result => complete(null, result),
    fail: error => complete(error === undefined || error === null ? 'handled' : error),
  };
  // A handler that leaves nothing to wait for and has not answered has answered nothing.
  whenIdle = () => answer(requestId, null, null);
  let result;
  try {
    result = handler(JSON.parse(text), context, complete);
  } catch (e) {
    answer(requestId, e === undefined || e === null ? 'handled' : e);
    return;
  }
  if (result && typeof result.then === 'function') {
    result.then(
      value => answer(requestId, null, value),
      e => answer(requestId, e === undefined || e === null ? 'handled' : e));
  }
}

function next() {
  call('GET', '/invocation/next').then(
    got => (got.status === 200 ? invoke(got) : gone()),
    gone);
}

function fatal(type) {
  return async thrown => {
    const error = asError(thrown, type);
    if (type === 'Runtime.UnhandledPromiseRejection') {
      error.errorMessage = util.types.isNativeError(thrown) ? thrown.name + ': ' + thrown.message : error.errorMessage;
    }
    console.error((type || 'Uncaught Exception') + '\t' + JSON.stringify(error));
    const route = current ? '/invocation/' + current.requestId + '/error' : '/init/error';
    current = null;
    await post(route, error).catch(() => undefined);
    exit(129);
  };
}

process.on('uncaughtException', fatal(undefined));
process.on('unhandledRejection', fatal('Runtime.UnhandledPromiseRejection'));

let handler;
load().then(
  found => {
    handler = found;
    next();
  },
  async thrown => {
    const error = asError(thrown, thrown && thrown.type);
    console.error('Init Error\t' + JSON.stringify(error));
    await post('/init/error', error).catch(() => undefined);
    exit(1);
  });
