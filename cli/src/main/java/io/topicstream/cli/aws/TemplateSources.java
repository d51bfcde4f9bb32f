package io.topicstream.cli.aws;

import io.topicstream.aws.local.TableStream;
import io.topicstream.gateway.definition.Resources;
import io.topicstream.gateway.definition.TemplateResource;
import io.topicstream.gateway.definition.TemplateValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What of a template calls functions by itself: the table's stream, and clocks. For one thread.
final class TemplateSources {
    /// As AWS has it.
    private static final int USUAL_BATCH = 100;
    private static final int LARGEST_BATCH = 10_000;

    private static final String IMAGES = "NEW_AND_OLD_IMAGES";
    private static final Set<String> EVENTS = Set.of("INSERT", "MODIFY", "REMOVE");
    private static final Pattern RATE = Pattern.compile("rate\\(([1-9][0-9]{0,5}) (minute|hour|day)s?\\)");

    private final Resources resources;
    private final TemplateFunctions functions;
    private final Map<String, String> withoutEffect;

    /// @param withoutEffect takes what is there and calls nobody
    TemplateSources(Resources resources, TemplateFunctions functions, Map<String, String> withoutEffect) {
        this.resources = resources;
        this.functions = functions;
        this.withoutEffect = withoutEffect;
    }

    // ---- the table and its stream

    /// Which functions the table's stream calls. The table is as the functions need it, or refused.
    List<LocalPlan.Stream> streams(TemplateResource table) {
        checkKeys(table);
        List<LocalPlan.Stream> streams = new ArrayList<>();
        for (TemplateResource mapping : resources.made(TypesHere.MAPPING)) {
            LocalPlan.Stream stream = stream(mapping, table);
            if (stream != null) {
                streams.add(stream);
            }
        }
        String view = table.property("StreamSpecification").at("StreamViewType").text();
        boolean needsImages = streams.stream().anyMatch(stream -> stream.handler() == Handler.EVENTS);
        if (needsImages && !view.equals(IMAGES)) {
            table.refuse("StreamSpecification", "has the view '" + view + "'; the function of events needs " + IMAGES);
        }
        return streams;
    }

    private static void checkKeys(TemplateResource table) {
        List<String> keys = pairs(table, "KeySchema", "KeyType");
        if (!keys.equals(List.of("pk HASH", "sk RANGE"))) {
            table.refuse("KeySchema", "is " + keys + "; the functions need pk HASH and sk RANGE");
        }
        List<String> types = pairs(table, "AttributeDefinitions", "AttributeType");
        if (!types.containsAll(List.of("pk S", "sk S"))) {
            table.refuse("AttributeDefinitions", "are " + types + "; the functions need pk S and sk S");
        }
        TemplateValue end = table.property("TimeToLiveSpecification");
        if (!end.at("AttributeName").text().equals("x")
                || !end.at("Enabled").text().equals("true")) {
            table.refuse("TimeToLiveSpecification", "has to end rows at x: nothing that is over would go otherwise");
        }
    }

    private static List<String> pairs(TemplateResource table, String property, String second) {
        return table.property(property).items().stream()
                .map(one ->
                        one.at("AttributeName").text() + " " + one.at(second).text())
                .toList();
    }

    private LocalPlan.@Nullable Stream stream(TemplateResource mapping, TemplateResource table) {
        if (mapping.property("Enabled").text().equals("false")) {
            withoutEffect.put(mapping.id(), "it is not enabled");
            return null;
        }
        String source = mapping.property("EventSourceArn").text();
        if (!source.equals(table.attribute("StreamArn"))) {
            mapping.refuse("EventSourceArn", "is '" + source + "', which is not the stream of " + table.id());
        }
        boolean tellsFailures = mapping.property("FunctionResponseTypes").items().stream()
                .anyMatch(one -> one.text().equals("ReportBatchItemFailures"));
        if (!tellsFailures) {
            mapping.refuse(
                    "FunctionResponseTypes",
                    "lacks ReportBatchItemFailures: what a function could not handle would not come again");
        }
        String text = mapping.property("BatchSize").text();
        if (!text.matches("[0-9]{0,5}") || text.equals("0")) {
            mapping.refuse("BatchSize", "is '" + text + "'; it has to be a number from 1 to " + LARGEST_BATCH);
            return null;
        }
        int batch = text.isEmpty() ? USUAL_BATCH : Math.min(LARGEST_BATCH, Integer.parseInt(text));
        Handler handler =
                called(mapping, "FunctionName", mapping.property("FunctionName").text());
        return handler == null ? null : new LocalPlan.Stream(handler, filters(mapping), batch);
    }

    /// The function that is called, where it can be called so.
    private @Nullable Handler called(TemplateResource by, String property, String name) {
        Handler handler = functions.named(name);
        if (handler == null || handler.isDoor()) {
            by.refuse(
                    property,
                    "is '" + name + "'; what can be called is " + Handler.ARCHIVE.className() + " or "
                            + Handler.EVENTS.className());
            return null;
        }
        return handler;
    }

    private static List<TableStream.Filter> filters(TemplateResource mapping) {
        List<TableStream.Filter> filters = new ArrayList<>();
        for (TemplateValue one :
                mapping.property("FilterCriteria").at("Filters").items()) {
            String pattern = one.at("Pattern").text();
            TableStream.Filter filter = filterOrNull(pattern);
            if (filter == null) {
                mapping.refuse(
                        "FilterCriteria",
                        "has the pattern " + pattern + "; here one chooses by eventName, and by prefixes of"
                                + " dynamodb.Keys.pk.S");
            } else {
                filters.add(filter);
            }
        }
        return filters;
    }

    /// What a pattern chooses; null where it is of another form.
    private static TableStream.@Nullable Filter filterOrNull(String text) {
        TemplateValue pattern;
        try {
            pattern = TemplateValue.ofJson(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
        if (pattern.names().isEmpty() || !Set.of("eventName", "dynamodb").containsAll(pattern.names())) {
            return null;
        }
        Set<String> events = new HashSet<>();
        TemplateValue named = pattern.at("eventName");
        named.items().forEach(one -> events.add(one.text()));
        List<String> keys = new ArrayList<>();
        TemplateValue key = pattern.at("dynamodb", "Keys", "pk", "S");
        for (TemplateValue one : key.items()) {
            if (!one.names().equals(Set.of("prefix")) || !one.at("prefix").isText()) {
                return null;
            }
            keys.add(one.at("prefix").text());
        }
        boolean isOfEvents = named.isNothing()
                || (EVENTS.containsAll(events) && !events.isEmpty() && !events.equals(Set.of("REMOVE")));
        boolean isOfKeys = pattern.at("dynamodb").isNothing()
                || (!keys.isEmpty()
                        && pattern.at("dynamodb").names().equals(Set.of("Keys"))
                        && pattern.at("dynamodb", "Keys").names().equals(Set.of("pk"))
                        && pattern.at("dynamodb", "Keys", "pk").names().equals(Set.of("S")));
        return isOfEvents && isOfKeys ? new TableStream.Filter(keys, events) : null;
    }

    // ---- clocks, and rules of buses

    /// Which functions clocks call.
    ///
    /// @param hasEventBridge whether an EventBridge runs that has the buses
    List<LocalPlan.Clock> clocks(boolean hasEventBridge) {
        for (TemplateResource bus : resources.made(TypesHere.BUS)) {
            if (!hasEventBridge) {
                bus.refuse("cannot run on this machine without an EventBridge: " + LocalSettings.EVENT_BRIDGE
                        + " has to say where one runs");
            }
        }
        List<LocalPlan.Clock> clocks = new ArrayList<>();
        for (TemplateResource rule : resources.made(TypesHere.RULE)) {
            if (rule.property("State").text().equals("DISABLED")) {
                withoutEffect.put(rule.id(), "it is disabled");
            } else if (rule.property("ScheduleExpression").isNothing()) {
                checkRule(rule, hasEventBridge);
            } else {
                addClock(rule, clocks);
            }
        }
        return clocks;
    }

    private void checkRule(TemplateResource rule, boolean hasEventBridge) {
        if (rule.property("EventBusName").isNothing()) {
            rule.refuse("EventPattern", "chooses from the bus of the account, which is not on this machine");
        } else if (hasEventBridge) {
            withoutEffect.put(rule.id(), "rules are set at the EventBridge that runs");
        } else {
            rule.refuse(
                    "EventBusName",
                    "is a bus that needs an EventBridge: " + LocalSettings.EVENT_BRIDGE + " has to say where one runs");
        }
    }

    private void addClock(TemplateResource rule, List<LocalPlan.Clock> clocks) {
        String expression = rule.property("ScheduleExpression").text();
        Matcher rate = RATE.matcher(expression);
        if (!rate.matches()) {
            rule.refuse("ScheduleExpression", "is '" + expression + "'; here it is rate(…) in minutes, hours or days");
            return;
        }
        long number = Long.parseLong(rate.group(1));
        Duration every = switch (rate.group(2)) {
            case "minute" -> Duration.ofMinutes(number);
            case "hour" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
        for (TemplateValue target : rule.property("Targets").items()) {
            Handler handler = called(rule, "Targets", target.at("Arn").text());
            if (handler != null) {
                clocks.add(new LocalPlan.Clock(handler, every));
            }
        }
    }
}
