package io.topicstream.people;

import static io.topicstream.people.PresenceNodesFixture.who;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.TopicName;
import io.topicstream.people.Presence.Crowd;
import io.topicstream.people.PresenceNodesFixture.Server;
import io.topicstream.protocol.Query;
import io.topicstream.state.StateNumber;
import io.topicstream.testkit.Seeds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NodePresenceTest {
    private static final TopicName TOPIC = new TopicName("t");
    private static final TopicName HALL = new TopicName("hall");
    private static final Duration GRACE = Duration.ofSeconds(3);
    /// As long as what is lost may take to be found.
    private static final Duration HEALED = Duration.ofSeconds(6);

    private final PresenceNodesFixture nodes = new PresenceNodesFixture(GRACE, 1);
    private final Server first = nodes.start();

    private void enter(Server server, TopicName topic, Presence.Present... all) {
        for (Presence.Present who : all) {
            server.presence.opened(who);
            server.presence.enter(topic, who);
        }
        nodes.settle();
    }

    private void close(Server server, Presence.Present... all) {
        for (Presence.Present who : all) {
            server.presence.closed(who);
        }
        nodes.settle();
    }

    /// A second node that the first has seen.
    private Server second() {
        Server second = nodes.start();
        nodes.pass(Duration.ofSeconds(2));
        return second;
    }

    // ---- one node

    @Test
    void aUserOnTwoDevicesIsOneMemberAndIsToldOfOnce() {
        enter(first, TOPIC, who("c1", "ann"), who("c2", "ann"), who("c3", "bob"));

        assertThat(first.told()).containsExactly("t +ann 1", "t +bob 2");
        assertThat(first.members(TOPIC)).containsExactly("ann×2", "bob");

        close(first, who("c1", "ann"));
        nodes.pass(GRACE.plusSeconds(1));

        assertThat(first.told()).isEmpty();
        assertThat(first.members(TOPIC)).containsExactly("ann", "bob");
    }

    @Test
    void enteringTwiceIsEnteringOnce() {
        enter(first, TOPIC, who("c1", "ann"));
        first.presence.enter(TOPIC, who("c1", "ann"));
        nodes.settle();
        first.presence.leave(TOPIC, who("c1", "ann"));
        first.presence.leave(TOPIC, who("c1", "ann"));
        nodes.settle();

        assertThat(first.members(TOPIC)).isEmpty();
        assertThat(first.count(TOPIC)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"2950, false", "3000, true"})
    void oneWhoComesBackWithinTheGraceTimeWasNeverGone(int awayMs, boolean isTold) {
        enter(first, TOPIC, who("c0", "bob"), who("c1", "ann"));
        first.told();

        close(first, who("c1", "ann"));
        nodes.pass(Duration.ofMillis(awayMs));
        enter(first, TOPIC, who("c2", "ann"));
        nodes.pass(GRACE.plusSeconds(1));

        assertThat(first.told()).isEqualTo(isTold ? List.of("t -ann 1", "t +ann 2") : List.of());
        assertThat(first.members(TOPIC)).containsExactly("ann", "bob");
    }

    @Test
    void oneWhoSaysSoLeavesAtOnceThoughAnotherConnectionHasJustEnded() {
        enter(first, TOPIC, who("c0", "bob"), who("c1", "ann"), who("c2", "ann"));
        first.told();
        close(first, who("c1", "ann"));

        first.presence.leave(TOPIC, who("c2", "ann"));
        nodes.settle();

        assertThat(first.told()).containsExactly("t -ann 1");
        nodes.pass(GRACE.plusSeconds(1));
        assertThat(first.told()).isEmpty();
    }

    @Test
    void whoCannotComeBackOrIsForgottenAtOnceIsGoneAtOnce() {
        enter(first, TOPIC, who("c0", "bob"), who("c1", null), who("c2", "cy"));
        assertThat(first.told()).containsExactly("t +bob 1", "t +? 2", "t +cy 3");

        close(first, who("c1", null));
        assertThat(first.told()).containsExactly("t -? 2");
        close(first, new Presence.Present("c2", "cy", null, true));
        assertThat(first.told()).containsExactly("t -cy 1");
    }

    @Test
    void withoutAGraceTimeOneIsGoneAtOnce() {
        PresenceNodesFixture hasty = new PresenceNodesFixture(Duration.ZERO, 1);
        Server server = hasty.start();
        server.presence.enter(TOPIC, who("c0", "bob"));
        server.presence.enter(TOPIC, who("c1", "ann"));
        hasty.settle();
        server.told();

        server.presence.closed(who("c1", "ann"));
        hasty.settle();

        assertThat(server.told()).containsExactly("t -ann 1");
    }

    @Test
    void oneWhoComesAndGoesInBetweenIsNotToldOf() {
        enter(first, TOPIC, who("c0", "bob"));
        first.told();

        first.presence.enter(TOPIC, who("c1", "ann"));
        first.presence.leave(TOPIC, who("c1", "ann"));
        first.presence.enter(TOPIC, who("c2", "cy"));
        nodes.settle();

        assertThat(first.told()).containsExactly("t +cy 2");
    }

    @Test
    void membersAreShownByTheNameThatTheyHaveNow() {
        first.presence.enter(TOPIC, new Presence.Present("c1", "ann", "Ann", false));
        assertThat(nodes.ask(first.presence.members(TOPIC, "", 10)).members())
                .extracting(Query.Member::name)
                .containsExactly("Ann");

        first.presence.renamed(new Presence.Present("c1", "ann", "Anna", false));

        assertThat(nodes.ask(first.presence.members(TOPIC, "", 10)).members())
                .extracting(Query.Member::name)
                .containsExactly("Anna");
    }

    // ---- many

    @Test
    void upToTwoHundredUsersAreToldOfByNameAndBeyondThatTheirNumberOnceASecond() {
        for (int i = 0; i < 200; i++) {
            enter(first, TOPIC, who("c" + i, "u" + i));
        }
        assertThat(first.told()).hasSize(200).last().isEqualTo("t +u199 200");

        for (int i = 200; i < 300; i++) {
            enter(first, TOPIC, who("c" + i, "u" + i));
        }
        assertThat(first.told()).containsExactly("t 201");
        nodes.pass(Duration.ofMillis(950));
        assertThat(first.told()).isEmpty();
        nodes.pass(Duration.ofMillis(100));
        assertThat(first.told()).containsExactly("t 300");

        for (int i = 299; i > 198; i--) {
            first.presence.leave(TOPIC, who("c" + i, "u" + i));
        }
        nodes.pass(Duration.ofMillis(1_050));
        assertThat(first.told()).containsExactly("t 199");
        enter(first, TOPIC, who("c", "ann"));
        assertThat(first.told()).containsExactly("t +ann 200");
    }

    @Test
    void whatHappensWhileTheThreadStandsStillComesOutRight() {
        first.stand();
        for (int i = 0; i < 50_000; i++) {
            Presence.Present guest = who("g" + i, "guest" + i);
            first.presence.opened(guest);
            first.presence.enter(TOPIC, guest);
            first.presence.closed(guest);
        }
        for (String user : List.of("ann", "bob")) {
            first.presence.opened(who("c-" + user, user));
            first.presence.enter(TOPIC, who("c-" + user, user));
        }
        first.presence.leave(TOPIC, who("c-ann", "ann"));
        first.goOn();
        nodes.pass(Duration.ofSeconds(10));

        assertThat(first.members(TOPIC)).containsExactly("bob");
        assertThat(nodes.ask(first.presence.online(List.of("ann", "bob", "guest49999"))))
                .extracting(Query.OnlineUser::online)
                .containsExactly(true, true, false);
    }

    @Test
    void whereOnlyNumbersAreToldNobodyIsNamed() {
        enter(first, HALL, who("c1", "ann"));
        enter(first, HALL, who("c2", "bob"));
        nodes.pass(Duration.ofMillis(1_050));

        assertThat(first.told()).containsExactly("hall 1", "hall 2");
    }

    @Test
    @Timeout(60)
    void aHundredThousandMembersOfOneTopicAreKeptAndListed() {
        int many = 100_000;
        Server second = second();
        for (int i = 0; i < many; i++) {
            first.presence.enter(TOPIC, who("c" + i, "u%06d".formatted(i)));
        }
        nodes.settle();
        second.presence.enter(TOPIC, who("d", "zoe"));
        nodes.pass(Duration.ofSeconds(3));

        assertThat(first.told()).hasSizeLessThan(5).last().isEqualTo("t 100001");
        assertThat(second.count(TOPIC)).isEqualTo(many + 1);
        List<String> listed = new ArrayList<>();
        String after = "";
        do {
            Presence.Members page = nodes.ask(second.presence.members(TOPIC, after, 1_000));
            page.members().forEach(member -> listed.add(member.user()));
            after = Objects.requireNonNullElse(page.next(), "");
        } while (!after.isEmpty());
        assertThat(listed).hasSize(many + 1).isSorted().endsWith("zoe");

        for (int i = 0; i < many; i++) {
            first.presence.leave(TOPIC, who("c" + i, "u%06d".formatted(i)));
        }
        nodes.pass(Duration.ofSeconds(3));
        assertThat(second.members(TOPIC)).containsExactly("zoe");
        assertThat(nodes.keys("presence/t")).hasSize(1);
    }

    // ---- several nodes

    @Test
    void aMemberOnOneNodeIsToldOfAndSeenOnTheOther() {
        Server second = second();
        enter(first, TOPIC, who("c1", "ann"));
        enter(second, TOPIC, who("d1", "bob"), who("d2", "ann"));

        assertThat(first.told()).containsExactly("t +ann 1", "t +bob 2");
        assertThat(second.told())
                .as("who was there before is no news to who comes")
                .containsExactly("t +bob 2");
        assertThat(first.members(TOPIC)).containsExactly("ann×2", "bob");
        assertThat(second.members(TOPIC)).containsExactly("ann×2", "bob");

        first.presence.leave(TOPIC, who("c1", "ann"));
        nodes.settle();
        assertThat(second.told()).isEmpty();
        second.presence.leave(TOPIC, who("d2", "ann"));
        nodes.settle();
        assertThat(second.told()).containsExactly("t -ann 1");
        assertThat(second.members(TOPIC)).containsExactly("bob");
    }

    @Test
    void whatWasThereBeforeTheOtherNodeIsSeenByIt() {
        enter(first, TOPIC, who("c1", "ann"), who("c2", null));
        assertThat(nodes.keys("presence/t")).as("alone nothing is written").isEmpty();

        Server second = second();
        enter(second, TOPIC, who("d1", "bob"));

        assertThat(second.members(TOPIC)).containsExactly("ann", "bob", "?");
        assertThat(first.members(TOPIC)).containsExactly("ann", "bob", "?");
    }

    @Test
    void oneWhoMovesToTheOtherNodeWithinTheGraceTimeWasNeverGone() {
        Server second = second();
        enter(first, TOPIC, who("c0", "bob"), who("c1", "ann"));
        enter(second, TOPIC, who("d0", "cy"));
        first.told();
        second.told();

        close(first, who("c1", "ann"));
        nodes.pass(Duration.ofSeconds(2));
        enter(second, TOPIC, who("d1", "ann"));
        nodes.pass(Duration.ofSeconds(3));

        assertThat(first.told()).isEmpty();
        assertThat(second.told()).isEmpty();
    }

    @Test
    void theMembersOfANodeThatDiesAreGoneWithinFiveSecondsAndWhatItLeftIsClearedAway() {
        Server second = second();
        enter(first, TOPIC, who("c1", "ann"));
        enter(second, TOPIC, who("d1", "bob"));
        nodes.pass(Duration.ofMillis(700));
        first.told();

        second.stand();
        List<String> told = new ArrayList<>();
        long tookMs = nodes.passUntil(Duration.ofSeconds(10), () -> told.addAll(first.told()));

        assertThat(told).containsExactly("t -bob 1");
        assertThat(tookMs).isBetween(2_000L, 5_000L);
        nodes.pass(Duration.ofSeconds(10));
        assertThat(nodes.keys("presence/t")).hasSize(1);
        assertThat(nodes.keys("presence-index")).hasSize(1);
        assertThat(nodes.keys("presence-online")).hasSize(1);
    }

    @Test
    void aNodeThatStoodStillComesBackWithItsMembers() {
        Server second = second();
        enter(first, TOPIC, who("c1", "ann"));
        enter(second, TOPIC, who("d1", "bob"));
        first.told();

        second.stand();
        nodes.pass(Duration.ofSeconds(8));
        assertThat(first.told()).containsExactly("t -bob 1");
        second.goOn();
        nodes.pass(HEALED);

        assertThat(first.told()).containsExactly("t +bob 2");
        assertThat(first.members(TOPIC)).containsExactly("ann", "bob");
        assertThat(second.members(TOPIC)).containsExactly("ann", "bob");
        assertThat(nodes.keys("presence/t")).hasSize(2);
    }

    @Test
    void aNodeThatStopsGivesItsMembersTimeToComeToAnother() {
        Server second = second();
        enter(first, TOPIC, who("c1", "ann"));
        enter(second, TOPIC, who("d1", "bob"));
        first.told();

        nodes.ask(second.presence.stop());
        second.stand();
        nodes.pass(Duration.ofSeconds(1));
        enter(first, TOPIC, who("c2", "bob"));
        nodes.pass(HEALED);

        assertThat(first.told()).isEmpty();
        assertThat(first.members(TOPIC)).containsExactly("ann", "bob");
    }

    @Test
    void whatALostSignalSaidIsFound() {
        Server second = second();
        enter(first, TOPIC, who("c1", "ann"));
        enter(second, TOPIC, who("d1", "bob"));
        first.told();

        second.loses = () -> true;
        enter(second, TOPIC, who("d2", "cy"));
        second.presence.leave(TOPIC, who("d1", "bob"));
        nodes.settle();
        assertThat(first.told()).isEmpty();
        nodes.pass(HEALED);

        assertThat(first.told()).containsExactlyInAnyOrder("t -bob 1", "t +cy 2");
    }

    @Test
    void theNextSignalShowsThatOneWasLost() {
        Server second = second();
        enter(first, TOPIC, who("c1", "ann"));
        enter(second, TOPIC, who("d1", "bob"));
        first.told();

        second.loses = () -> true;
        enter(second, TOPIC, who("d2", "cy"));
        second.loses = () -> false;
        enter(second, TOPIC, who("d3", "dan"));

        assertThat(first.members(TOPIC)).containsExactly("ann", "bob", "cy", "dan");
    }

    @Test
    void theLastOneWhoseLeavingIsLostIsFoundGone() {
        Server second = second();
        enter(first, TOPIC, who("c1", "ann"));
        enter(second, TOPIC, who("d1", "bob"));

        second.loses = () -> true;
        second.presence.leave(TOPIC, who("d1", "bob"));
        nodes.pass(HEALED);

        assertThat(first.members(TOPIC)).containsExactly("ann");
        assertThat(nodes.keys("presence-index")).hasSize(1);
    }

    @Test
    void whatWasMissedWhileTheFeedWasLostIsRead() {
        Server second = second();
        enter(first, TOPIC, who("c1", "ann"));
        enter(second, TOPIC, who("d1", "bob"));
        first.told();

        first.loseFeeds();
        second.presence.enter(TOPIC, who("d2", "cy"));
        nodes.pass(Duration.ofSeconds(1));

        assertThat(first.told()).containsExactly("t +cy 3");
    }

    // ---- what is asked

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void membersComeInPagesWhereverOneAsks(boolean isThere) {
        Server second = second();
        for (int i = 0; i < 5; i++) {
            enter(first, TOPIC, who("c" + i, "u" + i));
        }
        Server asked = isThere ? first : second;

        Presence.Members page = nodes.ask(asked.presence.members(TOPIC, "", 2));
        assertThat(page.members()).extracting(Query.Member::user).containsExactly("u0", "u1");
        assertThat(page.count()).isEqualTo(5);
        page = nodes.ask(asked.presence.members(TOPIC, Objects.requireNonNull(page.next()), 2));
        assertThat(page.members()).extracting(Query.Member::user).containsExactly("u2", "u3");
        page = nodes.ask(asked.presence.members(TOPIC, Objects.requireNonNull(page.next()), 2));
        assertThat(page.members()).extracting(Query.Member::user).containsExactly("u4");
        assertThat(page.next()).isNull();
        page = nodes.ask(asked.presence.members(TOPIC, "", 5));
        assertThat(page.members()).hasSize(5);
        assertThat(page.next()).isNull();
    }

    @Test
    void aUserIsOnlineOnAnyNodeAndLastSeenWhenTheLastConnectionEnded() {
        Server second = second();
        first.presence.opened(who("c1", "ann"));
        second.presence.opened(who("d1", "bob"));
        nodes.settle();
        List<String> all = List.of("bob", "ann", "cy");

        for (Server server : List.of(first, second)) {
            assertThat(nodes.ask(server.presence.online(all)))
                    .containsExactly(
                            new Query.OnlineUser("bob", true, null),
                            new Query.OnlineUser("ann", true, null),
                            new Query.OnlineUser("cy", false, null));
        }

        long atMs = nodes.clock.millis();
        close(second, who("d1", "bob"));
        nodes.pass(GRACE.plusMillis(50));
        assertThat(nodes.ask(second.presence.online(List.of("bob"))))
                .containsExactly(new Query.OnlineUser("bob", false, atMs));
        assertThat(nodes.ask(nodes.durable.get("last-seen", "bob"))).isNull();

        nodes.pass(Duration.ofSeconds(3));
        assertThat(StateNumber.of(Objects.requireNonNull(nodes.ask(nodes.durable.get("last-seen", "bob")))
                        .value()))
                .isEqualTo(atMs);
        assertThat(nodes.ask(first.presence.online(List.of("bob"))))
                .containsExactly(new Query.OnlineUser("bob", false, atMs));
    }

    @Test
    void fiveHundredUsersAreAskedOfAtOnce() {
        second();
        List<String> all = IntStream.range(0, 500).mapToObj(i -> "u" + i).toList();
        for (int i = 0; i < 500; i += 2) {
            first.presence.opened(who("c" + i, "u" + i));
        }

        List<Query.OnlineUser> found = nodes.ask(first.presence.online(all));

        assertThat(found).extracting(Query.OnlineUser::user).isEqualTo(all);
        assertThat(found).filteredOn(Query.OnlineUser::online).hasSize(250);
    }

    @Test
    void whoWasLastSeenIsWrittenWhenItStops() {
        first.presence.opened(who("c1", "ann"));
        close(first, who("c1", "ann"));

        assertThat(nodes.ask(first.presence.stop())).isTrue();

        assertThat(nodes.ask(nodes.durable.get("last-seen", "ann"))).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theTopicsInWhichSomebodyIsAreListedByName(boolean isAlone) {
        Server asked = isAlone ? first : second();
        enter(first, new TopicName("room:b"), who("c1", "ann"), who("c2", "ann"), who("c3", "bob"));
        enter(first, new TopicName("room:a"), who("c1", "ann"));
        enter(first, new TopicName("room:c"), who("c1", "ann"));
        enter(first, new TopicName("other"), who("c1", "ann"));
        enter(first, new TopicName("room:0"), who("c1", "ann"));
        first.presence.leave(new TopicName("room:0"), who("c1", "ann"));
        nodes.settle();

        Presence.Crowds page = nodes.ask(asked.presence.crowds("room:", "", 2));
        assertThat(page.crowds())
                .containsExactly(new Crowd(new TopicName("room:a"), 1, 1), new Crowd(new TopicName("room:b"), 2, 3));
        page = nodes.ask(asked.presence.crowds("room:", Objects.requireNonNull(page.next()), 2));
        assertThat(page.crowds()).containsExactly(new Crowd(new TopicName("room:c"), 1, 1));
        assertThat(page.next()).isNull();
        assertThat(nodes.ask(asked.presence.crowds("", "", 10)).crowds()).hasSize(4);
        assertThat(nodes.ask(asked.presence.crowd(new TopicName("room:b"))))
                .isEqualTo(new Crowd(new TopicName("room:b"), 2, 3));
        assertThat(nodes.ask(asked.presence.crowd(new TopicName("room:0"))).users())
                .isZero();
    }

    @Test
    void aTopicOnTwoNodesIsOneInTheList() {
        Server second = second();
        enter(first, TOPIC, who("c1", "ann"));
        enter(second, TOPIC, who("d1", "ann"), who("d2", "bob"));
        Server third = nodes.start();
        nodes.pass(Duration.ofSeconds(2));

        assertThat(nodes.ask(first.presence.crowds("", "", 10)).crowds()).containsExactly(new Crowd(TOPIC, 2, 3));
        assertThat(nodes.ask(third.presence.crowds("", "", 10)).crowds())
                .as("of nodes that are other ones the numbers are added up")
                .containsExactly(new Crowd(TOPIC, 3, 3));
        assertThat(third.members(TOPIC)).containsExactly("ann×2", "bob");
        assertThat(nodes.ask(third.presence.members(TOPIC, "", 10)).count()).isEqualTo(2);
    }

    // ---- races

    /// Three nodes on which connections come, enter, leave and end, while signals and feeds are lost and nodes stand
    /// still: in the end all of them agree with what was done, and who listened all the time knows it too.
    @Test
    void allNodesAgreeInTheEndThoughSignalsAreLost() {
        for (int round = 0; round < 5; round++) {
            race(Seeds.next("presence of three nodes"));
        }
    }

    private static void race(long seed) {
        Random random = new Random(seed);
        PresenceNodesFixture nodes = new PresenceNodesFixture(Duration.ofMillis(500), seed);
        List<Server> servers = List.of(nodes.start(), nodes.start(), nodes.start());
        for (Server server : servers) {
            server.loses = () -> random.nextInt(5) == 0;
            // So that it always listens, and may be told.
            server.presence.enter(TOPIC, who("own" + servers.indexOf(server), "own" + servers.indexOf(server)));
        }
        nodes.pass(Duration.ofSeconds(4));
        Map<String, Integer> in = new TreeMap<>();
        List<TreeSet<String>> told = new ArrayList<>();
        for (Server server : servers) {
            assertThat(server.members(TOPIC)).containsExactly("own0", "own1", "own2");
            server.told();
            told.add(new TreeSet<>(server.members(TOPIC)));
        }
        for (int step = 0; step < 300; step++) {
            String connection = "c" + random.nextInt(30);
            int on = Math.floorMod(connection.hashCode(), 3);
            Presence.Present who = who(connection, "u" + Math.floorMod(connection.hashCode(), 10));
            NodePresence presence = servers.get(on).presence;
            switch (random.nextInt(6)) {
                case 0, 1, 2 -> {
                    presence.enter(TOPIC, who);
                    in.put(connection, on);
                }
                case 3 -> {
                    presence.leave(TOPIC, who);
                    in.remove(connection);
                }
                case 4 -> {
                    presence.closed(who);
                    in.remove(connection);
                }
                default -> servers.get(random.nextInt(3)).loseFeeds();
            }
            if (random.nextInt(50) == 0) {
                Server standing = servers.get(random.nextInt(3));
                standing.stand();
                nodes.pass(Duration.ofMillis(random.nextInt(6_000)));
                standing.goOn();
            }
            if (random.nextInt(3) == 0) {
                nodes.pass(Duration.ofMillis(random.nextInt(300)));
            }
        }
        nodes.pass(Duration.ofSeconds(15));

        TreeSet<String> expected = new TreeSet<>(List.of("own0", "own1", "own2"));
        in.keySet().forEach(connection -> expected.add("u" + Math.floorMod(connection.hashCode(), 10)));
        for (Server server : servers) {
            assertThat(nodes.ask(server.presence.members(TOPIC, "", 100)).members())
                    .extracting(Query.Member::user)
                    .containsExactlyElementsOf(expected);
            TreeSet<String> known = told.get(servers.indexOf(server));
            for (String each : server.told()) {
                String[] parts = each.split(" ", -1);
                if (parts[1].startsWith("+")) {
                    known.add(parts[1].substring(1));
                } else {
                    known.remove(parts[1].substring(1));
                }
            }
            assertThat(known).isEqualTo(expected);
        }
    }
}
