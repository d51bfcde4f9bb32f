package io.topicstream.aws.runtime;

import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProviderChain;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;

/// What the clients of all services have in common.
final class ClientParts {
    private static final Duration TO_CONNECT = Duration.ofSeconds(2);
    private static final Duration TO_ANSWER = Duration.ofSeconds(10);

    private ClientParts() {}

    /// Has Java's own HTTP client ask again where a connection had ended before the question was read: they end while a
    /// function stands still. Only for questions that may come twice. Called before the first client is made.
    static void askAgain() {
        System.setProperty("jdk.httpclient.enableAllMethodRetry", "true");
    }

    /// How long connections of clients live.
    enum Sockets {
        /// From call to call.
        KEPT,
        /// For one call: what is in a snapshot has no socket then that somebody else closes.
        ONE_CALL
    }

    /// Those that Lambda gives: in variables, or, to a function that came out of a snapshot, at an address. Not the
    /// SDK's own chain, which looks in files too, and whose finds outlive the client.
    static AwsCredentialsProvider credentials() {
        return AwsCredentialsProviderChain.of(
                EnvironmentVariableCredentialsProvider.create(),
                ContainerCredentialsProvider.builder().build());
    }

    static UrlConnectionHttpClient.Builder http() {
        return UrlConnectionHttpClient.builder().connectionTimeout(TO_CONNECT).socketTimeout(TO_ANSWER);
    }

    static ClientOverrideConfiguration.Builder common(Sockets sockets) {
        ClientOverrideConfiguration.Builder options = ClientOverrideConfiguration.builder();
        return sockets == Sockets.KEPT ? options : options.putHeader("Connection", "close");
    }

    static <B extends AwsClientBuilder<B, C>, C> B with(
            B builder, AwsCredentialsProvider credentials, ClientOverrideConfiguration.Builder options) {
        return builder.credentialsProvider(credentials).overrideConfiguration(options.build());
    }
}
