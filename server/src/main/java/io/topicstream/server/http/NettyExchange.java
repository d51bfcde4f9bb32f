package io.topicstream.server.http;

import io.topicstream.access.Credentials;
import io.topicstream.access.Identity;
import io.topicstream.http.Exchange;
import io.topicstream.http.HttpLane;
import io.topicstream.http.StreamedAnswer;
import io.topicstream.server.door.HeadCredentials;
import io.topicstream.transport.HttpExchange;
import io.topicstream.transport.Utf8;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A request of the network's, as the table of routes takes it. Belongs to the event loop of its connection.
final class NettyExchange extends Exchange {
    private final HttpExchange exchange;

    NettyExchange(HttpLane lane, HttpExchange exchange) {
        super(lane);
        this.exchange = exchange;
    }

    @Override
    public String method() {
        return exchange.head().method();
    }

    @Override
    public List<String> segments() {
        return exchange.head().segments();
    }

    @Override
    public @Nullable String query(String name) {
        return exchange.head().query(name);
    }

    @Override
    public Map<String, List<String>> query() {
        return exchange.head().query();
    }

    @Override
    public @Nullable String header(String name) {
        return exchange.head().header(name);
    }

    @Override
    public List<String> headers(String name) {
        return exchange.head().headers(name);
    }

    @Override
    public @Nullable String host() {
        return exchange.head().host();
    }

    @Override
    public byte[] body() {
        return exchange.body();
    }

    @Override
    public boolean isBodyUtf8() {
        byte[] body = exchange.body();
        return Utf8.isValid(body, 0, body.length);
    }

    @Override
    public Credentials credentials() {
        return HeadCredentials.of(exchange.head());
    }

    @Override
    public InetAddress address() {
        return HeadCredentials.address(exchange.head());
    }

    @Override
    protected void onCaller(Identity caller) {
        exchange.calledBy(caller.user());
    }

    @Override
    public void takeBody(int mostBytes) {
        exchange.takeBody(mostBytes);
    }

    @Override
    public void hold() {
        exchange.hold();
    }

    @Override
    public void release() {
        exchange.release();
    }

    @Override
    public int reserve(int bytes, int least) {
        return exchange.reserve(bytes, least);
    }

    @Override
    public boolean isAnswered() {
        return exchange.isAnswered();
    }

    @Override
    public void answerJson(int status, byte[] fields, int fieldsLength, byte[] json, int jsonLength) {
        exchange.respondJson(status, fields, fieldsLength, json, jsonLength);
    }

    @Override
    public void answer(int status, @Nullable String contentType, Map<String, String> fields, byte[] body) {
        exchange.respond(status, contentType, fields, body);
    }

    @Override
    public void answerStream(int status, String contentType, Map<String, String> fields, StreamedAnswer answer) {
        exchange.respondStream(status, contentType, fields, new NettyPieces(exchange.eventLoop(), answer));
    }
}
