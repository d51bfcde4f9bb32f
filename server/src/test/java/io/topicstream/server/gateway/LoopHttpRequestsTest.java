package io.topicstream.server.gateway;

import io.topicstream.gateway.backend.HttpRequestsTest;
import io.topicstream.gateway.http.CallBounds;
import io.topicstream.gateway.http.HttpCalls;

/// What holds for calls on threads of their own holds for those on event loops.
final class LoopHttpRequestsTest extends HttpRequestsTest {
    @Override
    protected HttpCalls calls(CallBounds within) {
        return TestLoopCalls.within(within);
    }
}
