package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Holds the architecture's rules against every class of the product, and against planted offenders. It stands here
/// because the command line sees all modules that are shipped.
class ArchitectureTest {

    private static final String ROOT = "io.topicstream";
    private static final ArchitectureRules RULES = new ArchitectureRules(ROOT);
    private static final JavaClasses PRODUCT = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages(ROOT);

    private static final String PLANTED_ROOT = "io.topicstream.cli.planted";
    private static final ArchitectureRules PLANTED_RULES = new ArchitectureRules(PLANTED_ROOT);
    private static final JavaClasses PLANTED = new ClassFileImporter().importPackages(PLANTED_ROOT);

    static Stream<ArchRule> rules() {
        return RULES.all();
    }

    @ParameterizedTest
    @MethodSource("rules")
    void theProductKeepsTheRule(ArchRule rule) {
        rule.check(PRODUCT);
    }

    @Test
    void theCoreIsAmongTheClassesSeen() {
        assertThat(PRODUCT.stream().filter(RULES::isCore)).hasSizeGreaterThanOrEqualTo(7);
    }

    @ParameterizedTest
    @ValueSource(strings = {"transport", "rocksdb", "aws", "aws.runtime", "server", "client", "cli"})
    void everyShippedModuleIsAmongTheClassesSeen(String module) {
        assertThat(PRODUCT.stream().filter(type -> type.getPackageName().startsWith(ROOT + "." + module)))
                .isNotEmpty();
    }

    @Test
    void noTestIsAmongTheClassesSeen() {
        assertThat(PRODUCT.stream().map(type -> type.getName()))
                .doesNotContain(ArchitectureTest.class.getName())
                .noneMatch(name -> name.startsWith(ROOT + ".testkit"));
    }

    @Test
    void aLibraryInTheCoreIsFound() {
        assertBroken(PLANTED_RULES.coreUsesNoLibrary(), "picocli.CommandLine");
        assertBroken(PLANTED_RULES.onlySeenBy("picocli", "cli"), "planted.topic.Listener");
    }

    @Test
    void anHttpApiThatKnowsTheNetworkIsFound() {
        assertBroken(PLANTED_RULES.coreUsesNoLibrary(), "planted.http.Exchange");
    }

    @Test
    void aCycleOfPackagesIsFound() {
        assertBroken(PLANTED_RULES.packagesHaveNoCycles(), "Cycle detected");
    }

    @Test
    void aLogThatKnowsItsListenersIsFound() {
        assertBroken(PLANTED_RULES.standsOnNothing("log"), "planted.topic.Listener");
    }

    @Test
    void aTransportThatKnowsTopicsIsFound() {
        assertBroken(PLANTED_RULES.standsOnNothing("transport"), "planted.log.Entry");
    }

    @Test
    void aPackageOfTheCoreThatKnowsAHigherOneIsFound() {
        assertBroken(PLANTED_RULES.standsOnLowerStoreys("log"), "planted.topic.Listener");
    }

    @Test
    void anEngineThatKnowsTheServerIsFound() {
        assertBroken(PLANTED_RULES.nothingUsesTheServer(), "planted.server.Composition");
    }

    @Test
    void aFunctionThatKnowsMoreOfTheGatewayThanItsCallsIsFound() {
        assertBroken(PLANTED_RULES.functionsKnowTheGatewaysCallsAlone(), "planted.gateway.mapping.Template");
    }

    @Test
    void anEngineNamedOutsideTheCompositionIsFound() {
        assertBroken(PLANTED_RULES.engineIsNamedByTheCompositionOnly("rocksdb"), "planted.log.Entry");
    }

    @Test
    void anEstimateThatKnowsMoreThanJavaIsFound() {
        assertBroken(PLANTED_RULES.knowsJavaAlone("aws.cost"), "picocli.CommandLine");
        assertBroken(PLANTED_RULES.knowsJavaAlone("aws.cost"), "planted.log.Entry");
    }

    @Test
    void aDoorThatKnowsAnotherIsFound() {
        assertBroken(PLANTED_RULES.doorKnowsNoOther("websocket"), "planted.server.http.Answer");
    }

    @Test
    void aPackageThatIsNotNullMarkedIsFound() {
        assertBroken(PLANTED_RULES.everyPackageIsNullMarked(), "planted.unmarked.Forgotten");
    }

    private static void assertBroken(ArchRule rule, String offence) {
        assertThatThrownBy(() -> rule.check(PLANTED))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(offence);
    }
}
