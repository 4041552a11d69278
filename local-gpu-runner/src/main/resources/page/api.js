// The server's side of the page.

/** A failure in words for a person. `status` is HTTP's, or 0 where no answer came. */
export class ApiError extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

async function failure(response) {
  let message = '';
  try {
    message = (await response.json()).error?.message ?? '';
  } catch {
    // not the JSON that was expected: the status must do
  }
  if (response.status === 429) {
    const wait = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
    message = `The server is busy. Try again ${wait > 0 ? `in ${wait} s` : 'in a moment'}.`;
  } else if (!message) {
    message = `The server answered with status ${response.status}.`;
  }
  return new ApiError(message, response.status);
}

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, { credentials: 'omit', cache: 'no-store', ...options });
  } catch (error) {
    if (error.name === 'AbortError') {
      throw error;
    }
    throw new ApiError('The server cannot be reached. Is it still running?');
  }
  return response;
}

function authorization(key) {
  return key ? { Authorization: `Bearer ${key}` } : {};
}

/** 'healthy', 'loading', 'unhealthy' or 'unreachable', with the server's own words where it has any. */
export async function health() {
  try {
    const body = await (await request('/health', { signal: AbortSignal.timeout(5000) })).json();
    return { status: String(body.status), detail: typeof body.detail === 'string' ? body.detail : '' };
  } catch {
    return { status: 'unreachable', detail: '' };
  }
}

/** The id of the model that is loaded. */
export async function modelId(key) {
  const response = await request('/v1/models', { headers: authorization(key) });
  if (!response.ok) {
    throw await failure(response);
  }
  return (await response.json()).data?.[0]?.id ?? '';
}

/** Yields the data of each server-sent event. */
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) {
        return;
      }
      const lines = (rest + value).split(/\r?\n/);
      rest = lines.pop();
      for (const line of lines) {
        if (line.startsWith('data:')) {
          yield line.slice(5).trimStart();
        }
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/**
 * Streams an answer: yields {text} as it comes, and once {finish} and {usage}.
 */
export async function* streamChat({ messages, settings, key, signal }) {
  const response = await request('/v1/chat/completions', {
    method: 'POST',
    signal,
    headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream', ...authorization(key) },
    body: JSON.stringify({
      model: 'default',
      messages,
      stream: true,
      stream_options: { include_usage: true },
      temperature: settings.temperature,
      max_tokens: settings.maxTokens,
    }),
  });
  if (!response.ok) {
    throw await failure(response);
  }
  let complete = false;
  try {
    for await (const data of events(response.body)) {
      if (data === '[DONE]') {
        complete = true;
        break;
      }
      const chunk = JSON.parse(data);
      if (chunk.error) {
        throw new ApiError(chunk.error.message ?? 'The server failed while it answered.', 500);
      }
      const choice = chunk.choices?.[0];
      if (choice?.delta?.content) {
        yield { text: choice.delta.content };
      }
      if (choice?.finish_reason) {
        yield { finish: choice.finish_reason };
      }
      if (chunk.usage) {
        yield { usage: chunk.usage };
      }
    }
  } catch (error) {
    if (error.name === 'AbortError' || error instanceof ApiError) {
      throw error;
    }
    throw new ApiError('The connection was lost before the answer was complete.');
  }
  if (!complete) {
    throw new ApiError('The connection was lost before the answer was complete.');
  }
}
