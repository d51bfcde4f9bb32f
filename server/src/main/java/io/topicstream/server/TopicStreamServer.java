package io.topicstream.server;

import io.topicstream.access.Anonymous;
import io.topicstream.access.ApiKeys;
import io.topicstream.access.Authenticator;
import io.topicstream.access.Authenticators;
import io.topicstream.access.FailedCredentials;
import io.topicstream.access.StaticTokens;
import io.topicstream.command.AuthenticateCommand;
import io.topicstream.command.Commands;
import io.topicstream.command.PublishCommand;
import io.topicstream.command.ReadCommand;
import io.topicstream.command.SignalCommand;
import io.topicstream.command.SubscribeCommand;
import io.topicstream.command.TopicsCommand;
import io.topicstream.command.UnsubscribeCommand;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.server.transport.Endpoint;
import io.topicstream.server.transport.Transport;
import io.topicstream.server.websocket.LaneFronts;
import io.topicstream.server.websocket.Stages;
import io.topicstream.session.ConnectionIds;
import io.topicstream.session.LaneSessions;
import io.topicstream.session.Node;
import io.topicstream.topic.DurableSubscriptions;
import io.topicstream.topic.OutboundBudget;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// One node: an engine, the commands over it, and the front doors, put together by constructors from
/// top to bottom. Methods may be called on any thread but an event loop's.
public final class TopicStreamServer implements AutoCloseable {
    private static final int CLOSE_CODE_RESTART = 1012;

    private final Engine engine;
    private final Transport transport;
    private final LaneFronts lanes;
    private final InetSocketAddress address;
    private final ServerSettings settings;

    /// Starts serving.
    ///
    /// @throws IOException if the address cannot be bound; the engine is then left to the caller
    public TopicStreamServer(Engine engine, ServerSettings settings) throws IOException {
        this.engine = engine;
        this.settings = settings;
        InstantSource clock = InstantSource.system();
        SecureRandom random = new SecureRandom();

        // Who somebody is.
        ApiKeys keys = new ApiKeys(engine.state(), random, clock);
        keys.onRevocation(credentialId ->
                engine.feed().signal(LaneSessions.REVOCATIONS, credentialId.getBytes(StandardCharsets.UTF_8)));
        List<Authenticator> chain = new ArrayList<>(List.of(keys, new StaticTokens(settings.tokens(), clock)));
        if (settings.anonymous()) {
            chain.add(new Anonymous(settings.anonymousGrants()));
        }
        Authenticators authenticators =
                new Authenticators(chain, new FailedCredentials(clock, FailedCredentials.DEFAULT_LIMIT));

        // What can be asked for.
        DurableSubscriptions durable = new DurableSubscriptions(
                engine.state(), engine.feed(), clock, settings.commands().durableSubscriptionsPerUser());
        Commands commands = new Commands(
                new PublishCommand(engine.log(), settings.commands()),
                new SubscribeCommand(durable, settings.commands()),
                new UnsubscribeCommand(durable),
                new ReadCommand(engine.log()),
                new TopicsCommand(engine.log()),
                new SignalCommand(engine.feed()),
                new AuthenticateCommand(authenticators));
        Node node = new Node(
                engine.log(),
                durable,
                commands,
                clock,
                settings.transport().webSocket().pingInterval().toMillis());

        // Where it is asked.
        this.transport = Transport.start(settings.eventLoops(), settings.transport());
        int nodeTag = random.nextInt(1 << 16);
        byte[] idKey = new byte[32];
        random.nextBytes(idKey);
        this.lanes = new LaneFronts(
                transport.eventLoops(),
                node,
                engine.feed(),
                new OutboundBudget(settings.outboundBytes()),
                settings.commands().payloadBytes(),
                () -> new ConnectionIds(nodeTag, idKey, random),
                this::countError);
        Stages stages = new Stages(authenticators, settings.originAllowed(), lanes);
        try {
            this.address = transport.bind(
                    settings.address(),
                    new Endpoint(
                            exchange -> exchange.respondError(404, "not_found", "not found", java.util.Map.of()),
                            stages,
                            settings.hostAllowed()));
        } catch (IOException e) {
            transport.stop(java.time.Duration.ZERO, CLOSE_CODE_RESTART).join();
            throw e;
        }
    }

    private void countError(ErrorCode code) {}

    /// Where it listens.
    public InetSocketAddress address() {
        return address;
    }

    /// Stops in phases, within the configured time: no new connections, clients are told, connections
    /// closed spread out, then the engine. Completes when all of it has ended.
    public CompletableFuture<Void> stop() {
        return transport
                .stop(settings.drain(), CLOSE_CODE_RESTART)
                .thenRunAsync(() -> engine.close().run());
    }

    @Override
    public void close() {
        stop().join();
    }
}
