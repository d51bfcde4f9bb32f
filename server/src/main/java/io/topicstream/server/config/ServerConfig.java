package io.topicstream.server.config;

import io.topicstream.command.CommandLimits;
import io.topicstream.command.Rate;
import io.topicstream.door.Hosts;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.server.config.section.AccessSection;
import io.topicstream.server.config.section.AdminSection;
import io.topicstream.server.config.section.ConnectionSection;
import io.topicstream.server.config.section.DataSection;
import io.topicstream.server.config.section.EventsSection;
import io.topicstream.server.config.section.GatewaySection;
import io.topicstream.server.config.section.HttpSection;
import io.topicstream.server.config.section.ListenSection;
import io.topicstream.server.config.section.LogSection;
import io.topicstream.server.config.section.PagesSection;
import io.topicstream.server.config.section.PresenceSection;
import io.topicstream.server.config.section.ProcessSection;
import io.topicstream.server.config.section.ProxySection;
import io.topicstream.server.config.section.RateSection;
import io.topicstream.server.config.section.StagesSection;
import io.topicstream.server.config.section.TlsSection;
import io.topicstream.server.config.section.WebSocketSection;
import io.topicstream.server.websocket.StageDefinition;
import io.topicstream.settings.Values;
import io.topicstream.settings.section.AuthorizerSection;
import io.topicstream.settings.section.MessageSection;
import io.topicstream.settings.section.PolicySection;
import io.topicstream.tokens.authorizer.AuthorizerSettings;
import io.topicstream.transport.HttpLimits;
import io.topicstream.transport.WebSocketLimits;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The configuration of a server, typed and checked: what each section makes of its settings.
///
/// @param tls null: connections are not encrypted
/// @param authorizer who else says who callers are; null: nobody
/// @param stages the paths of WebSockets
/// @param gateway the APIs of API Gateway; null: there are none
/// @param commands what `limits.subscriptions` says
/// @param policies what `policies` say, over `limits.messages`
public record ServerConfig(
        ProcessSection process,
        ListenSection listen,
        ProxySection proxies,
        @Nullable TlsSection tls,
        AdminSection admin,
        DataSection data,
        AccessSection access,
        @Nullable AuthorizerSettings authorizer,
        List<StageDefinition> stages,
        PagesSection pages,
        @Nullable GatewaySection gateway,
        EventsSection events,
        LogSection log,
        CommandLimits commands,
        TopicPolicies policies,
        PresenceSection presence,
        HttpLimits http,
        WebSocketLimits webSocket,
        ConnectionSection connections,
        RateSection rates) {
    /// The file that is read if none is named.
    public static final String DEFAULT_FILE = "topicstream.yaml";

    /// What the settings say, where they are checked.
    static ServerConfig of(Values values) {
        return new ServerConfig(
                ProcessSection.of(values),
                ListenSection.of(values),
                ProxySection.of(values),
                TlsSection.of(values),
                AdminSection.of(values),
                DataSection.of(values),
                AccessSection.of(values),
                AuthorizerSection.of(values),
                StagesSection.of(values),
                PagesSection.of(values),
                GatewaySection.of(values),
                EventsSection.of(values),
                LogSection.of(values),
                MessageSection.of(values),
                PolicySection.of(values),
                PresenceSection.of(values),
                HttpSection.of(values),
                WebSocketSection.of(values),
                ConnectionSection.of(values),
                RateSection.of(values));
    }

    /// Reads a configuration: a flag beats a variable of the environment, that beats the file, and that the default.
    ///
    /// @param file the file, which must exist, or null to read none
    /// @param environment all variables; those that are none of ours are left alone
    /// @param flags path of a setting (`server.port`) to its text
    /// @throws ConfigException with everything that is wrong
    public static LoadedConfig load(@Nullable Path file, Map<String, String> environment, Map<String, String> flags) {
        return load(file, environment, flags, Map.of());
    }

    /// The same, for flags that have names of their own.
    ///
    /// @param flagNames path of a setting to what was typed for it (`--port`), to be named in problems; for others
    ///     it is `--set` and the path
    public static LoadedConfig load(
            @Nullable Path file,
            Map<String, String> environment,
            Map<String, String> flags,
            Map<String, String> flagNames) {
        return new ConfigLoader(file, environment, flags, flagNames).load();
    }

    /// How many requests all on a stage may make, by the stage's name; those without a limit are not in it.
    public Map<String, Rate> stageRates() {
        Map<String, Rate> rates = new HashMap<>();
        for (StageDefinition stage : stages) {
            if (stage.rate() != null) {
                rates.put(stage.segment(), stage.rate());
            }
        }
        return rates;
    }

    /// Whether the server is reached from this machine alone.
    public boolean isLoopbackOnly() {
        return listen.bind().isLoopbackAddress();
    }

    /// Whether callers without a credential are let in, as far as the configuration decides: with
    /// [AccessSection.Guests#AUTO] an API key in the store ends it.
    public boolean isAnonymousAllowed() {
        return switch (access.anonymous()) {
            case AUTO ->
                isLoopbackOnly() && !knowsCallers() && proxies.trusted().isEmpty() && !hasPublicHost();
            case ON -> true;
            case OFF -> false;
        };
    }

    /// Whether callers can be told apart, as far as the configuration decides.
    private boolean knowsCallers() {
        return access.hasTokens() || authorizer != null;
    }

    private boolean hasPublicHost() {
        return listen.allowedHosts().stream().anyMatch(host -> !Hosts.isOfThisMachine(host));
    }

    /// Why the server must not start to listen, or null if it may. A server that others can reach should know somebody
    /// to tell them apart by, unless its operator says otherwise.
    ///
    /// API keys are in the store and not in the configuration, so this is asked when the store is open and before
    /// the port is bound.
    ///
    /// @param hasApiKeys whether the store has at least one
    public @Nullable String remoteRefusal(boolean hasApiKeys) {
        if (isLoopbackOnly() || hasApiKeys || knowsCallers() || listen.allowRemoteWithoutCredentials()) {
            return null;
        }
        return "server.bind is " + listen.bind().getHostAddress() + ", which others can reach, and there is neither an"
                + " API key nor a token in access.tokens nor an issuer in access.jwt. Make a key (topicstream keys create"
                + " NAME --data DIR), or set access.tokens or access.jwt, or set server.allow_remote_without_credentials to true if this is what you want.";
    }
}
