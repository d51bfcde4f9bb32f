package io.topicstream.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.access.StaticToken;
import io.topicstream.log.Durability;
import io.topicstream.server.config.section.ConnectionSection;
import io.topicstream.server.config.section.DataSection;
import io.topicstream.server.config.section.HttpSection;
import io.topicstream.server.config.section.ProcessSection;
import io.topicstream.server.config.section.WebSocketSection;
import io.topicstream.settings.ConfigNode;
import io.topicstream.settings.Problems;
import io.topicstream.settings.Rows;
import io.topicstream.settings.Setting;
import io.topicstream.transport.TransportLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerConfigTest {
    @TempDir
    Path directory;

    private Path file(String text) {
        return file(text.getBytes(StandardCharsets.UTF_8));
    }

    private Path file(byte[] bytes) {
        try {
            return Files.write(directory.resolve("topicstream.yaml"), bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ServerConfig fromFlags(String... pathsAndTexts) {
        return ServerConfig.load(null, Map.of(), flags(pathsAndTexts)).config();
    }

    private static Map<String, String> flags(String... pathsAndTexts) {
        Map<String, String> flags = new HashMap<>();
        for (int i = 0; i < pathsAndTexts.length; i += 2) {
            flags.put(pathsAndTexts[i], pathsAndTexts[i + 1]);
        }
        return flags;
    }

    private static List<String> problems(Path file, Map<String, String> environment, Map<String, String> flags) {
        ConfigException refused =
                catchThrowableOfType(ConfigException.class, () -> ServerConfig.load(file, environment, flags));
        assertThat(refused).isNotNull();
        return refused.problems();
    }

    private List<String> problemsOf(String yaml) {
        Path file = file(yaml);
        return problems(file, Map.of(), Map.of()).stream()
                .map(problem -> problem.replace(file.toString(), "FILE"))
                .toList();
    }

    private static String source(LoadedConfig loaded, String path) {
        return loaded.effective().stream()
                .filter(one -> one.path().equals(path))
                .map(LoadedConfig.Effective::source)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void withoutAnyConfigurationAServerListensOnLoopbackAndIsDurable() {
        ServerConfig config = fromFlags();

        assertThat(config.process().engine()).isEqualTo(ProcessSection.Engine.ROCKSDB);
        assertThat(config.process().eventLoops()).isPositive();
        assertThat(config.listen().bind().getHostAddress()).isEqualTo("127.0.0.1");
        assertThat(config.listen().port()).isEqualTo(8080);
        assertThat(config.data().dir()).isEqualTo(Path.of("data"));
        assertThat(config.data().durability()).isEqualTo(Durability.DISK);
        assertThat(config.data().lingerUs()).isEqualTo(400);
        assertThat(config.data().repeatsWindow()).isEqualTo(Duration.ofHours(24));
        assertThat(config.isAnonymousAllowed()).isTrue();
        assertThat(config.remoteRefusal(false)).isNull();
        assertThat(config.policies().byDefault().maxPayloadBytes()).isEqualTo(120 * 1024);
        assertThat(config.webSocket().messageBytes()).isEqualTo(128 * 1024);
        assertThat(config.webSocket().pingInterval()).isEqualTo(Duration.ofSeconds(25));
        assertThat(config.connections().stall()).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void aFlagBeatsAVariableBeatsTheFileBeatsTheDefault() {
        Path file = file("""
                server:
                  port: 1001
                  bind: 127.0.0.2
                data:
                  dir: /srv/a
                """);

        LoadedConfig loaded = ServerConfig.load(
                file,
                Map.of("TOPICSTREAM_SERVER_PORT", "1002", "TOPICSTREAM_SERVER_BIND", "127.0.0.3", "PATH", "/bin"),
                Map.of("server.port", "1003"));

        assertThat(loaded.config().listen().port()).isEqualTo(1003);
        assertThat(loaded.config().listen().bind().getHostAddress()).isEqualTo("127.0.0.3");
        assertThat(loaded.config().data().dir()).isEqualTo(Path.of("/srv/a"));
        assertThat(source(loaded, "server.port")).isEqualTo("--set server.port");
        assertThat(source(loaded, "server.bind")).isEqualTo("TOPICSTREAM_SERVER_BIND");
        assertThat(source(loaded, "data.dir")).isEqualTo(file + ":5");
        assertThat(source(loaded, "data.durability")).isEqualTo("default");
    }

    @Test
    void everythingThatIsWrongIsToldAtOnceWithItsPlace() {
        Path file = file("""
                server:
                  prot: 9000
                  port: nine
                dta:
                  dir: x
                limits:
                  http:
                    body_bytes: 64KB
                """);

        List<String> told = problems(
                file,
                Map.of("TOPICSTREAM_DATA_DURABILITY", "disc", "TOPICSTREAM_SERVER_PROT", "1"),
                Map.of("server.bnid", "x", "event_loops", "-1"));

        assertThat(told)
                .containsExactly(
                        file + ":2: server.prot is unknown; did you mean server.port?",
                        file + ":3: server.port is 'nine'; allowed is a whole number from 0 to 65535",
                        file + ":4: dta is unknown; did you mean data?",
                        file + ":8: limits.http.body_bytes is '64KB'; allowed is a size from 1B to 1GiB (a number of"
                                + " bytes, or with B, KiB, MiB, GiB)",
                        "TOPICSTREAM_DATA_DURABILITY: data.durability is 'disc'; allowed is one of disk, os, memory",
                        "TOPICSTREAM_SERVER_PROT: no setting has this variable; did you mean TOPICSTREAM_SERVER_PORT?",
                        "--set event_loops is '-1'; allowed is a whole number from 0 to 256",
                        "--set server.bnid is unknown; did you mean server.bind?");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            port: 1                             | FILE:1: port is unknown; did you mean server.port?
            server.port: 1                      | FILE:1: server.port is unknown with a dot; write server: {port: …}
            server: 5                           | FILE:1: server is '5'; it has settings below it
            server: [1]                         | FILE:1: server is a list; it has settings below it
            server: {port: [1]}                 | FILE:1: server.port is a list; allowed is a whole number from 0 to 65535
            server: {port: }                    | FILE:1: server.port is empty; allowed is a whole number from 0 to 65535
            server: {port: null}                | FILE:1: server.port is empty; allowed is a whole number from 0 to 65535
            server: {port: 65536}               | FILE:1: server.port is '65536'; allowed is a whole number from 0 to 65535
            server: {port: 0x10}                | FILE:1: server.port is '0x10'; allowed is a whole number from 0 to 65535
            server: {port: 1, port: 2}          | FILE:1: 'port' stands here a second time
            server: {port: !!int 1}             | FILE:1: has a tag (!); plain values are enough
            server: !!java.net.URL [x]          | FILE:1: has a tag (!); plain values are enough
            server: &a {port: 1}                | FILE:1: has an anchor or alias (& or *); write the value out, or in quotes
            server: {allowed_origins: [*]}      | FILE:1: is not YAML: while scanning an alias unexpected character found ](93)
            limits.http: {body_bytes: 1}        | FILE:1: limits.http is unknown with a dot; write limits: {http: …}
            limits: {http.body_bytes: 1}        | FILE:1: limits.http.body_bytes is unknown with a dot; write http: {body_bytes: …}
            just text                           | FILE:1: is not a mapping of settings
            [a]                                 | FILE:1: is not a mapping of settings
            engine: mysql                       | FILE:1: engine is 'mysql'; allowed is one of rocksdb, memory
            event_loops: 1e3                    | FILE:1: event_loops is '1e3'; allowed is a whole number from 0 to 256
            """)
    void aFileThatIsWrongIsRefusedWithItsLine(String yaml, String problem) {
        assertThat(problemsOf(yaml)).singleElement().satisfies(told -> {
            if (problem.contains("is not YAML")) {
                assertThat(told).startsWith("FILE:1: is not YAML: ");
            } else {
                assertThat(told).isEqualTo(problem);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"a: [", "\t- x", "a: b: c", "'", "{", "a: \"\\q\"", "\u0001", "%YAML 9.9\n---\na: 1"})
    void whatIsNoYamlIsRefusedAndNotACrash(String text) {
        assertThat(problemsOf(text)).isNotEmpty().allMatch(problem -> problem.startsWith("FILE"));
    }

    @Test
    void filesThatAreMissingOrBinaryOrHugeOrDeepAreRefused() {
        assertThat(problems(directory.resolve("none.yaml"), Map.of(), Map.of()))
                .containsExactly(directory.resolve("none.yaml") + ": there is no such file");
        assertThat(problems(directory, Map.of(), Map.of())).hasSize(1);
        assertThat(problems(file(new byte[] {'a', (byte) 0xff, (byte) 0xfe}), Map.of(), Map.of()))
                .singleElement()
                .asString()
                .contains("is not UTF-8");
        assertThat(problems(file("#".repeat(2_000_000)), Map.of(), Map.of()))
                .singleElement()
                .asString()
                .contains("is larger than 1MiB");
        assertThat(problemsOf("a: " + "[".repeat(10_000))).containsExactly("FILE:1: is nested deeper than 16 levels");
        assertThat(problemsOf("a: 1\n---\nb: 2\n")).containsExactly("FILE:3: has a second document; one is enough");
    }

    @Test
    void anEmptyFileAndEmptyGroupsChangeNothing() {
        for (String text : List.of("", "# nothing\n", "---\n", "server:\nlimits:\n  http:\n")) {
            assertThat(ServerConfig.load(file(text), Map.of(), Map.of()).config())
                    .isEqualTo(fromFlags());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "500ms, 500",
        "25s, 25000",
        "10m, 600000",
        "2h, 7200000",
        "7d, 604800000",
        "1 s, 1000",
    })
    void timesAreWrittenWithTheirUnit(String text, long ms) {
        assertThat(fromFlags("limits.websocket.ping_interval", text).webSocket().pingInterval())
                .isEqualTo(Duration.ofMillis(ms));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "25", "0s", "8d", "1.5s", "-1s", "25 seconds", "25S", "999999999999999999d", "s", "1s1s"})
    void otherTimesAreRefused(String text) {
        assertThat(problems(null, Map.of(), Map.of("limits.websocket.ping_interval", text)))
                .singleElement()
                .asString()
                .endsWith("allowed is a time from 1ms to 7d (a number with ms, s, m, h or d)");
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0us, 0", "400us, 400", "5 ms, 5000", "10ms, 10000"})
    void briefTimesAreWrittenWithTheirUnitToo(String text, int us) {
        assertThat(fromFlags("data.linger", text).data().lingerUs()).isEqualTo(us);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "400", "11ms", "-1us", "1s", "0s"})
    void otherBriefTimesAreRefused(String text) {
        assertThat(problems(null, Map.of(), Map.of("data.linger", text)))
                .singleElement()
                .asString()
                .endsWith("allowed is a time from 0us to 10ms (a number with us or ms)");
    }

    @ParameterizedTest
    @CsvSource({"1048576, 1048576", "1048576B, 1048576", "2048KiB, 2097152", "64MiB, 67108864", "1GiB, 1073741824"})
    void sizesAreBytesOrWrittenWithTheirUnit(String text, long bytes) {
        assertThat(fromFlags("data.cache_bytes", text).data().cacheBytes()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "64KB", "64k", "1.5MiB", "-1", "999999999999999999GiB", "1KiB", "2048GiB"})
    void otherSizesAreRefused(String text) {
        assertThat(problems(null, Map.of(), Map.of("data.cache_bytes", text))).hasSize(1);
    }

    @Test
    void listsAreListsInTheFileAndCommasElsewhere() {
        List<String> two = List.of("https://a.example", "http://b.example:8000");

        assertThat(ServerConfig.load(
                                file("server: {allowed_origins: [https://a.example, 'http://b.example:8000']}"),
                                Map.of(),
                                Map.of())
                        .config()
                        .listen()
                        .allowedOrigins())
                .isEqualTo(two);
        assertThat(fromFlags("server.allowed_origins", "https://a.example, http://b.example:8000")
                        .listen()
                        .allowedOrigins())
                .isEqualTo(two);
        assertThat(fromFlags("server.allowed_origins", "").listen().allowedOrigins())
                .isEmpty();
        assertThat(problems(null, Map.of(), Map.of("server.allowed_origins", "https://a.example,evil")))
                .singleElement()
                .asString()
                .contains("server.allowed_origins has 'evil'");
    }

    @Test
    void settingsThatContradictEachOtherAreRefused() {
        assertThat(problems(
                        null,
                        Map.of(),
                        flags(
                                "data.queue_soft_bytes", "65MiB",
                                "limits.connections.low_watermark_bytes", "65KiB",
                                "limits.messages.payload_bytes", "129KiB",
                                "engine", "memory",
                                "data.durability", "disk")))
                .hasSize(4)
                .anyMatch(p -> p.equals("--set data.queue_soft_bytes is 65MiB; allowed is at most"
                        + " data.queue_hard_bytes, which is 64MiB"))
                .anyMatch(p -> p.contains("limits.connections.high_watermark_bytes, which is 64KiB"))
                .anyMatch(p -> p.contains("limits.websocket.message_bytes, which is 128KiB"))
                .anyMatch(p -> p.startsWith("--set data.durability is 'disk', but the engine is memory"));
        assertThat(fromFlags("engine", "memory").data().durability()).isEqualTo(Durability.MEMORY);
    }

    @Test
    void tokensComeWithTheirUserNameGrantsAndEnd() {
        ServerConfig config = ServerConfig.load(file("""
                access:
                  tokens:
                    - token: alices-secret
                      user: alice
                      name: Alice A.
                      expires: 2030-12-31T23:59:59Z
                      grants:
                        - topics: "news:*"
                          allow: [subscribe, read]
                    - {token: "12345678", user: bob}
                """), Map.of(), Map.of()).config();

        assertThat(config.access().tokens())
                .containsExactly(
                        StaticToken.of(
                                "alices-secret",
                                "alice",
                                "Alice A.",
                                List.of(new Grant("news:*", EnumSet.of(Permission.SUBSCRIBE, Permission.READ))),
                                Instant.parse("2030-12-31T23:59:59Z").toEpochMilli()),
                        StaticToken.of("12345678", "bob", null, Grant.DEFAULT, Identity.NEVER));
        assertThat(ServerConfig.load(
                                null,
                                Map.of("TOPICSTREAM_ACCESS_TOKENS", "[{\"token\": \"12345678\", \"user\": \"bob\"}]"),
                                Map.of())
                        .config()
                        .access()
                        .tokens())
                .isEqualTo(config.access().tokens().subList(1, 2));
    }

    static Stream<String> badTokens() {
        return Stream.of(
                "s3cret-s3cret",
                "{token: s3cret-s3cret, user: a}",
                "[s3cret-s3cret]",
                "[{token: s3cret-s3cret}]",
                "[{user: alice}]",
                "[{token: s3cret, user: alice}]",
                "[{token: ts_s3cret-s3cret, user: alice}]",
                "[{token: s3cret-s3cret, user: guest.alice}]",
                "[{token: s3cret-s3cret, user: 'a b'}]",
                "[{token: s3cret-s3cret, usr: alice}]",
                "[{token: s3cret-s3cret, user: alice, name: ''}]",
                "[{token: s3cret-s3cret, user: alice, expires: tomorrow}]",
                "[{token: s3cret-s3cret, user: alice, expires: 2030-12-31}]",
                "[{token: s3cret-s3cret, user: alice, grants: all}]",
                "[{token: s3cret-s3cret, user: alice, grants: [{topics: 'a b', allow: [read]}]}]",
                "[{token: s3cret-s3cret, user: alice, grants: [{topics: a}]}]",
                "[{token: s3cret-s3cret, user: alice, grants: [{topics: a, allow: [fly]}]}]",
                "[{token: s3cret-s3cret, user: alice, grants: [{topics: a, allow: []}]}]",
                "[{token: s3cret-s3cret, user: alice}, {token: s3cret-s3cret, user: bob}]",
                "[{token: s3cret-s3cret, user: [",
                "!x s3cret-s3cret",
                "");
    }

    @ParameterizedTest
    @MethodSource("badTokens")
    void badTokensAreRefusedWithoutShowingThem(String text) {
        List<String> told = problems(null, Map.of("TOPICSTREAM_ACCESS_TOKENS", text), Map.of());

        assertThat(told).isNotEmpty().allMatch(p -> p.startsWith("TOPICSTREAM_ACCESS_TOKENS: access.tokens"));
        assertThat(String.join("", told)).doesNotContain("s3cret");
    }

    @Test
    void aServerThatOthersCanReachNeedsACredential() {
        ServerConfig remote = fromFlags("server.bind", "0.0.0.0");

        assertThat(remote.isAnonymousAllowed()).isFalse();
        assertThat(remote.remoteRefusal(false))
                .contains("server.bind is 0.0.0.0")
                .contains("access.tokens");
        assertThat(remote.remoteRefusal(true)).isNull();
        assertThat(fromFlags("server.bind", "::1").remoteRefusal(false)).isNull();
        assertThat(fromFlags("server.bind", "::").remoteRefusal(false)).isNotNull();
        assertThat(fromFlags("server.bind", "0.0.0.0", "access.anonymous", "on").remoteRefusal(false))
                .isNotNull();
        assertThat(fromFlags("server.bind", "0.0.0.0", "access.tokens", "[{token: 12345678, user: a}]")
                        .remoteRefusal(false))
                .isNull();
        assertThat(fromFlags("server.bind", "0.0.0.0", "access.authorizer.url", "https://users.example/who")
                        .remoteRefusal(false))
                .isNull();
        assertThat(fromFlags("server.bind", "0.0.0.0", "server.allow_remote_without_credentials", "true")
                        .remoteRefusal(false))
                .isNull();
    }

    @Test
    void anonymousIsOnOnLoopbackOffElsewhereAndWhatOneSays() {
        assertThat(fromFlags("access.anonymous", "off").isAnonymousAllowed()).isFalse();
        assertThat(fromFlags("access.anonymous", "on", "server.bind", "0.0.0.0").isAnonymousAllowed())
                .isTrue();
        assertThat(fromFlags("server.bind", "localhost").isAnonymousAllowed()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "access.tokens | [{token: 12345678, user: a}] | false",
                "access.tokens | [{token: the-token-of-carol, user: carol}] | true",
                "access.tokens | [{token: change-me-please, user: alice}] | true",
                "access.tokens | [{token: change-me-please, user: alice}, {token: 12345678, user: a}] | false",
                "access.authorizer.url | http://127.0.0.1:9000/ | false",
                "server.trusted_proxies | 127.0.0.1 | false",
                "server.allowed_hosts | chat.example.com | false",
                "server.allowed_hosts | localhost:9000,chat.localhost | true",
                "server.allowed_origins | https://chat.example.com | true"
            })
    void whatSaysThatOthersComeEndsTheTimeOfGuests(String setting, String value, boolean guests) {
        assertThat(fromFlags(setting, value).isAnonymousAllowed()).isEqualTo(guests);
        assertThat(fromFlags(setting, value, "access.anonymous", "on").isAnonymousAllowed())
                .isTrue();
    }

    @Test
    void aTokenThatStandsInTheDocumentsKeepsNobodyOut() {
        assertThat(fromFlags("server.bind", "0.0.0.0", "access.tokens", "[{token: change-me-please, user: alice}]")
                        .remoteRefusal(false))
                .isNotNull();
    }

    @Test
    void headersOfThePROXYProtocolAreOnlyTakenFromTrustedProxies() {
        assertThat(problems(null, Map.of(), Map.of("server.proxy_protocol", "on")))
                .containsExactly(
                        "--set server.proxy_protocol: server.proxy_protocol is on, but server.trusted_proxies is"
                                + " empty, so nobody's header is taken");
        assertThat(fromFlags("server.proxy_protocol", "on", "server.trusted_proxies", "10.0.0.0/8,fd00::1")
                        .proxies()
                        .trusted()
                        .contains(InetAddress.ofLiteral("10.200.0.1")))
                .isTrue();
    }

    @Test
    void theReportShowsEveryValueWithItsSourceAndNoSecret() {
        LoadedConfig loaded = ServerConfig.load(
                file(
                        "access: {tokens: [{token: s3cret-s3cret, user: alice}], anonymous: on}\nserver: {bind: 0.0.0.0}\n"),
                Map.of("TOPICSTREAM_LIMITS_HTTP_BODY_BYTES", "3MiB"),
                Map.of());

        String report = loaded.report();

        assertThat(report).doesNotContain("s3cret").contains("(hidden) of alice");
        assertThat(report).containsPattern("limits.http.body_bytes +3MiB +TOPICSTREAM_LIMITS_HTTP_BODY_BYTES\n");
        assertThat(report).containsPattern("server.port +8080 +default\n");
        assertThat(report).containsPattern("server.bind +0.0.0.0 +.*topicstream.yaml:2\n");
        assertThat(report).contains("note: callers without a credential are let in from everywhere");
        assertThat(loaded.effective()).hasSize(Settings.ALL.size());
    }

    @Test
    void variablesOfClientsAndOrchestratorsAreLeftAlone() {
        ServerConfig config = ServerConfig.load(
                        null,
                        Map.of(
                                "TOPICSTREAM_URL",
                                "ws://x",
                                "TOPICSTREAM_TOKEN",
                                "t",
                                "TOPICSTREAM_PORT",
                                "tcp://x",
                                "topicstream_server_port",
                                "1"),
                        Map.of())
                .config();

        assertThat(config).isEqualTo(fromFlags());
        assertThat(problems(null, Map.of("TOPICSTREAM_SERVER_SOMETHING_ELSE", "x"), Map.of()))
                .containsExactly("TOPICSTREAM_SERVER_SOMETHING_ELSE: no setting has this variable");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TOPICSTREAM", "TOPICSTREAM_SERVER", "TOPICSTREAM_DATA", "TOPICSTREAM_LIMITS_HTTP"})
    void whatAnOrchestratorPutsThereForAServiceOfOurNameIsNoSetting(String service) {
        LoadedConfig loaded = ServerConfig.load(
                null,
                Map.ofEntries(
                        Map.entry(service + "_SERVICE_HOST", "10.0.0.7"),
                        Map.entry(service + "_SERVICE_PORT", "8080"),
                        Map.entry(service + "_SERVICE_PORT_HTTP", "8080"),
                        Map.entry(service + "_PORT", "tcp://10.0.0.7:8080"),
                        Map.entry(service + "_PORT_8080_TCP", "tcp://10.0.0.7:8080"),
                        Map.entry(service + "_PORT_8080_TCP_PROTO", "tcp"),
                        Map.entry(service + "_PORT_8080_TCP_PORT", "8080"),
                        Map.entry(service + "_PORT_8080_TCP_ADDR", "10.0.0.7"),
                        Map.entry(service + "_PORT_53_UDP", "udp://10.0.0.7:53"),
                        Map.entry(service + "_NAME", "/web/topicstream"),
                        Map.entry(service + "_ENV_JAVA_HOME", "/opt/java")),
                Map.of());

        assertThat(loaded.effective()).allMatch(one -> one.source().equals("default"));
    }

    @Test
    void aVariableThatIsOnlyNamedLikeALinkIsRead() {
        assertThat(ServerConfig.load(null, Map.of("TOPICSTREAM_SERVER_PORT", "9"), Map.of())
                        .config()
                        .listen()
                        .port())
                .isEqualTo(9);
        assertThat(problems(null, Map.of("TOPICSTREAM_SERVER_PORT", "nine"), Map.of()))
                .hasSize(1);
    }

    @Test
    void aFlagIsCalledWhatWasTyped() {
        ConfigException e = catchThrowableOfType(
                ConfigException.class,
                () -> ServerConfig.load(
                        null,
                        Map.of(),
                        Map.of("server.port", "abc", "event_loops", "x"),
                        Map.of("server.port", "--port")));

        assertThat(e.problems())
                .containsExactly(
                        "--set event_loops is 'x'; allowed is a whole number from 0 to 256",
                        "--port is 'abc'; allowed is a whole number from 0 to 65535");
    }

    @Test
    void everySettingHasItsOwnNameAndVariableAndADefaultThatItsKindTakes() {
        Set<String> paths = new HashSet<>();
        Set<String> variables = new HashSet<>();

        for (Setting<?> setting : Settings.ALL) {
            assertThat(paths.add(setting.path())).isTrue();
            assertThat(variables.add(setting.variable())).isTrue();
            assertThat(setting.path()).matches("[a-z_]+(\\.[a-z_]+)*");
            assertThat(setting.description()).isNotBlank().doesNotEndWith(".").doesNotContain("|");
            if (!setting.shownDefault().isEmpty()) {
                Problems problems = new Problems();
                assertThat(setting.kind()
                                .read(
                                        new ConfigNode.Text(setting.shownDefault(), 0),
                                        setting.path(),
                                        node -> "here",
                                        problems))
                        .isEqualTo(setting.byDefault());
            }
        }
        for (String path : paths) {
            assertThat(paths).noneMatch(other -> other.startsWith(path + "."));
        }
    }

    /// Many limits that stand side by side have one type, so the compiler takes two that are swapped.
    @Test
    void everyLimitComesOutUnderItsOwnName() throws ReflectiveOperationException {
        Map<Rows, Function<ServerConfig, Record>> sections = Map.of(
                DataSection.ROWS, ServerConfig::data,
                HttpSection.ROWS, ServerConfig::http,
                WebSocketSection.ROWS, ServerConfig::webSocket,
                ConnectionSection.ROWS, ServerConfig::connections);
        Set<String> otherTypes = Set.of("data.dir", "data.durability", "data.linger");

        for (Map.Entry<Rows, Function<ServerConfig, Record>> section : sections.entrySet()) {
            for (Setting<?> setting : section.getKey().all()) {
                if (!otherTypes.contains(setting.path())) {
                    Object other = otherThanTheDefault(setting);
                    String text = other instanceof Duration time ? time.toMillis() + "ms" : other.toString();
                    Record limits = section.getValue().apply(fromFlags(setting.path(), text));

                    assertThat(limits.getClass().getMethod(componentOf(setting)).invoke(limits))
                            .as(setting.path())
                            .asString()
                            .isEqualTo(other.toString());
                }
            }
        }
    }

    private static Object otherThanTheDefault(Setting<?> setting) {
        Object byDefault = setting.byDefault();
        return switch (byDefault) {
            case Integer number -> number + 1;
            // By default a frame is as large as a message may be.
            case Long bytes -> setting.path().endsWith(".frame_bytes") ? bytes - 1 : bytes + 1;
            case Boolean truth -> !truth;
            case Duration time -> time.plusSeconds(1);
            default -> throw new AssertionError(setting);
        };
    }

    /// `limits.http.body_bytes` is `bodyBytes`.
    private static String componentOf(Setting<?> setting) {
        String key = setting.path().substring(setting.path().lastIndexOf('.') + 1);
        return Pattern.compile("_(.)")
                .matcher(key)
                .replaceAll(match -> match.group(1).toUpperCase(Locale.ROOT));
    }

    @Test
    void theTransportGetsWhatTheSectionsSay() {
        ServerConfig byDefault = fromFlags();
        ServerConfig config = fromFlags(
                "limits.connections.incomplete_bytes", "65MiB",
                "limits.connections.answer_bytes", "66MiB");
        TransportLimits limits = config.connections().transport(config.http(), config.webSocket());

        assertThat(byDefault.connections().transport(byDefault.http(), byDefault.webSocket()))
                .isEqualTo(TransportLimits.defaults());
        assertThat(limits.incompleteBytes()).isEqualTo(65 << 20);
        assertThat(limits.answerBytes()).isEqualTo(66 << 20);
    }

    @Test
    void hostileTextInAValueIsShownTame() {
        List<String> told = problems(null, Map.of(), Map.of("server.port", "1\n\u001b[31mERROR" + "x".repeat(10_000)));

        assertThat(told)
                .singleElement()
                .asString()
                .doesNotContain("\n")
                .doesNotContain("\u001b")
                .hasSizeLessThan(300);
    }
}
