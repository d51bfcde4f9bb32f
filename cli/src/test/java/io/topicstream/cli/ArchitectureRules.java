package io.topicstream.cli;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

/// The directions in which code may depend on code, for all packages below one root. The root is a parameter, so that
/// the same rules can be held against planted offenders: a rule that cannot fail says nothing.
///
/// Everything but the transport may depend on the core, nothing on the server but the command line; only the
/// server's own package, and the serverless edition and the migration of the command line, where the parts are put
/// together, and the benchmarks name an engine; each library is
/// seen by one module alone, but Netty by the server too, whose lanes and answers run on its loops. The front
/// doors of the server do not know each other.
final class ArchitectureRules {

    /// The packages below the root that are not the core. Whatever is not listed here is held to the core's rules.
    private static final List<String> AROUND_THE_CORE = List.of(
            "transport",
            "rocksdb",
            "valkey",
            "aws",
            "gateway",
            "tokens",
            "settings",
            "events",
            "server",
            "client",
            "cli",
            "cdk",
            "bench");

    private static final List<String> ENGINES = List.of("rocksdb", "valkey", "aws");

    /// The packages of the server by which callers come in.
    private static final List<String> DOORS = List.of("http", "websocket", "gateway");

    /// The packages of the core from the ground up. Those of one storey do not know each other.
    private static final List<List<String>> STOREYS = List.of(
            List.of("json", "log"),
            List.of("state"),
            List.of("signal", "protocol"),
            List.of("topic", "access", "policy", "connection", "tail", "migration"),
            List.of("people", "group"),
            List.of("command", "event", "door"),
            List.of("session", "dialect", "http"));

    private final String root;

    ArchitectureRules(String root) {
        this.root = root;
    }

    /// All rules, in the order in which a newcomer would want to hear of them.
    Stream<ArchRule> all() {
        return Stream.of(
                        Stream.of(
                                coreUsesNoLibrary(),
                                packagesHaveNoCycles(),
                                standsOnNothing("log"),
                                standsOnNothing("transport"),
                                nothingUsesTheServer(),
                                functionsKnowTheGatewaysCallsAlone(),
                                everyPackageIsNullMarked(),
                                onlySeenBy("io.netty", "transport", "server"),
                                onlySeenBy("org.rocksdb", "rocksdb"),
                                // The project logs through System.Logger; libraries of the gateway log through this
                                // one.
                                onlySeenBy("org.slf4j"),
                                onlySeenBy("tools.jackson", "gateway"),
                                onlySeenBy("software.amazon.event.ruler", "events"),
                                onlySeenBy("com.fasterxml.jackson.core", "events"),
                                onlySeenBy("com.jayway.jsonpath", "gateway"),
                                onlySeenBy("com.networknt", "gateway"),
                                onlySeenBy("org.apache.velocity", "gateway"),
                                onlySeenBy("com.nimbusds", "tokens"),
                                onlySeenBy("org.snakeyaml", "settings", "gateway"),
                                // What Lambda calls.
                                onlySeenBy("com.amazonaws", "aws.runtime"),
                                onlySeenBy("org.crac", "aws.runtime"),
                                onlySeenBy("software.amazon.awssdk", "aws"),
                                knowsJavaAlone("aws.cost"),
                                onlySeenBy("picocli", "cli"),
                                onlySeenBy("org.jline", "cli")),
                        STOREYS.stream().flatMap(List::stream).map(this::standsOnLowerStoreys),
                        ENGINES.stream().map(this::engineIsNamedByTheCompositionOnly),
                        DOORS.stream().map(this::doorKnowsNoOther))
                .flatMap(rules -> rules);
    }

    /// Whether a class belongs to the core.
    boolean isCore(JavaClass type) {
        return core().test(type);
    }

    ArchRule coreUsesNoLibrary() {
        return classes()
                .that(core())
                .should()
                .onlyDependOnClassesThat(
                        core().or(resideInAnyPackage("java..", "javax.crypto..", "org.jspecify.annotations.."))
                                .as("are the core's or Java's"))
                .allowEmptyShould(true);
    }

    ArchRule packagesHaveNoCycles() {
        return slices().matching(root + ".(**)").should().beFreeOfCycles().allowEmptyShould(true);
    }

    /// Rule of one part: it depends on no other of ours.
    ArchRule standsOnNothing(String part) {
        return noClasses()
                .that()
                .resideInAPackage(in(part))
                .should()
                .dependOnClassesThat(resideInAPackage(root + "..")
                        .and(resideOutsideOfPackages(in(part)))
                        .as("are another package's of ours"))
                .allowEmptyShould(true);
    }

    /// Rule of one part: it depends on nothing of ours and on no library.
    ArchRule knowsJavaAlone(String part) {
        return classes()
                .that()
                .resideInAPackage(in(part))
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(in(part), "java..", "org.jspecify.annotations..")
                .allowEmptyShould(true);
    }

    ArchRule nothingUsesTheServer() {
        return noClasses()
                .that()
                .resideInAPackage(root + "..")
                .and()
                .resideOutsideOfPackages(in("server"), in("cli"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(in("server"))
                .allowEmptyShould(true);
    }

    /// What is in the archives of functions knows of the gateway only how it calls over HTTP: the rest is not there.
    ArchRule functionsKnowTheGatewaysCallsAlone() {
        return noClasses()
                .that()
                .resideInAnyPackage(in("tokens"), in("settings"), in("aws"))
                .should()
                .dependOnClassesThat(resideInAPackage(in("gateway"))
                        .and(resideOutsideOfPackages(in("gateway.http")))
                        .as("are the gateway's, and none of its calls over HTTP"))
                .allowEmptyShould(true);
    }

    ArchRule engineIsNamedByTheCompositionOnly(String engine) {
        return noClasses()
                .that()
                .resideInAPackage(root + "..")
                // Without the two dots: the server's own package, none below it.
                .and()
                .resideOutsideOfPackages(
                        in(engine), root + ".server", root + ".cli.aws", root + ".cli.migrate", in("bench"))
                .should()
                .dependOnClassesThat(resideInAPackage(in(engine))
                        // What an engine costs is arithmetic, and no engine.
                        .and(resideOutsideOfPackages(in(engine + ".cost")))
                        .as("are the engine's"))
                .allowEmptyShould(true);
    }

    ArchRule doorKnowsNoOther(String door) {
        String[] others = DOORS.stream()
                .filter(other -> !other.equals(door))
                .map(other -> in("server." + other))
                .toArray(String[]::new);
        return noClasses()
                .that()
                .resideInAPackage(in("server." + door))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(others)
                .allowEmptyShould(true);
    }

    ArchRule onlySeenBy(String library, String... modules) {
        return noClasses()
                .that()
                .resideInAPackage(root + "..")
                .and()
                .resideOutsideOfPackages(Stream.concat(Stream.of(modules), Stream.of("bench"))
                        .map(this::in)
                        .toArray(String[]::new))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library + "..")
                .allowEmptyShould(true);
    }

    ArchRule everyPackageIsNullMarked() {
        return classes()
                .that()
                .resideInAPackage(root + "..")
                .should(new ArchCondition<>("be in a package that is @NullMarked") {
                    @Override
                    public void check(JavaClass type, ConditionEvents events) {
                        boolean marked = type.getPackage().isAnnotatedWith(NullMarked.class);
                        events.add(new SimpleConditionEvent(
                                type, marked, type.getName() + ": package " + type.getPackageName()));
                    }
                });
    }

    /// Rule of one package of the core: it depends on none of its own storey or of a higher one.
    ArchRule standsOnLowerStoreys(String part) {
        String[] others = STOREYS.stream()
                .dropWhile(storey -> !storey.contains(part))
                .flatMap(List::stream)
                .filter(other -> !other.equals(part))
                .map(this::in)
                .toArray(String[]::new);
        return noClasses()
                .that()
                .resideInAPackage(in(part))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(others)
                .allowEmptyShould(true);
    }

    private DescribedPredicate<JavaClass> core() {
        return resideInAPackage(root + "..")
                .and(resideOutsideOfPackages(
                        AROUND_THE_CORE.stream().map(this::in).toArray(String[]::new)))
                .as("are the core's");
    }

    private String in(String name) {
        return root + "." + name + "..";
    }
}
