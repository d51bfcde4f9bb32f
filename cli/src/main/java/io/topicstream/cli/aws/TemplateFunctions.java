package io.topicstream.cli.aws;

import io.topicstream.aws.audience.DoorVariables;
import io.topicstream.aws.events.BusSettings;
import io.topicstream.aws.http.TokenHash;
import io.topicstream.gateway.definition.Resources;
import io.topicstream.gateway.definition.TemplateResource;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The functions of a template: each is one of ours, and has its variables. For one thread.
final class TemplateFunctions {
    private static final String OURS = "TOPICSTREAM_";
    private static final String TABLE = "TOPICSTREAM_TABLE";
    private static final String BUCKET = "TOPICSTREAM_BUCKET";
    private static final String CALLBACK_URL = "TOPICSTREAM_CALLBACK_URL";
    private static final String TASK_FUNCTION = "TOPICSTREAM_TASK_FUNCTION";
    private static final String VARIABLES = "Environment";

    /// What the function behind the HTTP API alone has, of variables that say who comes in.
    private static final Set<String> OF_HTTP = Set.of(TASK_FUNCTION, TokenHash.VARIABLE);
    /// With what variables begin that only where clients come in are needed.
    private static final List<String> OF_DOORS = List.of(
            DoorVariables.STAGES,
            DoorVariables.GUESTS,
            DoorVariables.ALLOWED_ORIGINS,
            DoorVariables.WORKFLOW_TOPICS,
            "TOPICSTREAM_ACCESS_",
            "TOPICSTREAM_LIMITS_",
            "TOPICSTREAM_POLICIES");

    /// Properties that are kept here, or have no effect.
    private static final Set<String> KNOWN = Set.of(
            "Architectures",
            "Code",
            "DeadLetterConfig",
            "Description",
            VARIABLES,
            "EphemeralStorage",
            "FunctionName",
            "Handler",
            "KmsKeyArn",
            "LoggingConfig",
            "MemorySize",
            "PackageType",
            "Role",
            "Runtime",
            "RuntimeManagementConfig",
            "SnapStart",
            "Tags",
            "Timeout",
            "TracingConfig");

    private static final Pattern OF_ARN = Pattern.compile(".*:function:([^:/]+)(?::[^:/]+)?(?:/invocations)?");
    private static final Pattern OF_URL = Pattern.compile("https://([a-z0-9]+)\\.execute-api\\.[^/]+/([^/]+)");

    private final Resources resources;
    private final Map<String, Handler> byName = new HashMap<>();
    private final Map<Handler, TemplateResource> byHandler = new EnumMap<>(Handler.class);

    private TemplateFunctions(Resources resources) {
        this.resources = resources;
    }

    static TemplateFunctions of(Resources resources) {
        TemplateFunctions functions = new TemplateFunctions(resources);
        resources.made(TypesHere.FUNCTION).forEach(functions::add);
        for (Handler needed : List.of(Handler.WEB_SOCKET, Handler.HTTP)) {
            if (!functions.byHandler.containsKey(needed)) {
                resources.refuse("has no function with the handler " + needed.className());
            }
        }
        return functions;
    }

    private void add(TemplateResource function) {
        Handler handler = Handler.orNull(function.property("Handler").text());
        if (handler == null) {
            function.refuse(
                    "Handler",
                    "is '" + function.property("Handler").text() + "'; functions here are those of TopicStream: "
                            + String.join(
                                    ", ",
                                    Stream.of(Handler.values())
                                            .map(Handler::className)
                                            .toList()));
            return;
        }
        TemplateResource other = byHandler.putIfAbsent(handler, function);
        if (other != null) {
            function.refuse("Handler", "is that of " + other.id() + " too; each runs once here");
            return;
        }
        byName.put(function.ref(), handler);
        for (String property : function.properties()) {
            if (!KNOWN.contains(property)) {
                function.refuse(property, "is not kept on this machine");
            }
        }
    }

    /// The one with this name, ARN, or URI for a gateway; null if it does not exist.
    @Nullable
    Handler named(String text) {
        Matcher arn = OF_ARN.matcher(text);
        String name = arn.matches() ? arn.group(1) : text;
        return byName.get(name);
    }

    boolean has(Handler handler) {
        return byHandler.containsKey(handler);
    }

    /// The table that all of them have; null where none has one that there is.
    @Nullable
    TemplateResource table() {
        return common(TABLE, TypesHere.TABLE);
    }

    /// The bucket that all of them have; null where none has one that there is.
    @Nullable
    TemplateResource bucket() {
        return common(BUCKET, TypesHere.BUCKET);
    }

    /// The resource that a variable of each function names.
    private @Nullable TemplateResource common(String variable, String type) {
        TemplateResource found = null;
        for (TemplateResource function : byHandler.values()) {
            String value = variable(function, variable);
            if (value == null) {
                function.refuse(VARIABLES, "lacks " + variable);
                continue;
            }
            TemplateResource named = resources.made(type).stream()
                    .filter(one -> value.equals(one.ref()))
                    .findFirst()
                    .orElse(null);
            if (named == null) {
                function.refuse(VARIABLES, variable + " is '" + value + "', which is no " + type + " of the template");
            } else if (found != null && found != named) {
                function.refuse(VARIABLES, variable + " is " + named.id() + ", and that of others " + found.id());
            } else {
                found = named;
            }
        }
        return found;
    }

    private static @Nullable String variable(TemplateResource function, String name) {
        return function.property(VARIABLES).at("Variables").texts().get(name);
    }

    /// The variables of all of them, without the names of what is another one here.
    ///
    /// @param api id of the WebSocket API
    /// @param stages of it
    Map<String, String> variables(String api, Set<String> stages) {
        Map<String, String> all = new TreeMap<>();
        Map<String, TemplateResource> from = new HashMap<>();
        byHandler.forEach((handler, function) -> {
            Map<String, String> own =
                    new TreeMap<>(function.property(VARIABLES).at("Variables").texts());
            own.keySet().removeIf(name -> !name.startsWith(OURS));
            own.remove(TABLE);
            own.remove(BUCKET);
            checkDoor(handler, function, own.remove(CALLBACK_URL), own.remove(TASK_FUNCTION), api, stages);
            own.computeIfPresent(BusSettings.BUS, (_, bus) -> bus(function, bus));
            own.forEach((name, value) -> {
                TemplateResource first = from.putIfAbsent(name, function);
                if (!value.equals(all.getOrDefault(name, value)) && first != null) {
                    refuseOther(function, name, first);
                }
                all.putIfAbsent(name, value);
            });
        });
        checkDoors();
        return all;
    }

    private void checkDoor(
            Handler handler,
            TemplateResource function,
            @Nullable String callbacks,
            @Nullable String tasks,
            String api,
            Set<String> stages) {
        if (!handler.isDoor()) {
            return;
        }
        Matcher url = OF_URL.matcher(callbacks == null ? "" : callbacks);
        if (!url.matches() || !url.group(1).equals(api) || !stages.contains(url.group(2))) {
            function.refuse(
                    VARIABLES, CALLBACK_URL + " is '" + callbacks + "', which is no stage of the WebSocket API");
        }
        if (handler == Handler.HTTP && (tasks == null || named(tasks) != Handler.WEB_SOCKET)) {
            function.refuse(
                    VARIABLES, TASK_FUNCTION + " is '" + tasks + "', which is not the function behind the WebSockets");
        }
    }

    /// The name of a bus of the template.
    private String bus(TemplateResource function, String named) {
        for (TemplateResource bus : resources.made(TypesHere.BUS)) {
            if (named.equals(bus.ref()) || named.equals(bus.attribute("Arn"))) {
                return bus.ref();
            }
        }
        function.refuse(VARIABLES, BusSettings.BUS + " is '" + named + "', which is no bus of the template");
        return named;
    }

    /// Both doors have the same, for here they are one.
    private void checkDoors() {
        TemplateResource first = byHandler.get(Handler.WEB_SOCKET);
        TemplateResource second = byHandler.get(Handler.HTTP);
        if (first == null || second == null) {
            return;
        }
        Set<String> names = new TreeSet<>();
        Stream.of(first, second)
                .forEach(function -> names.addAll(
                        function.property(VARIABLES).at("Variables").names()));
        names.removeAll(OF_HTTP);
        for (String name : names) {
            boolean isOneAlone = variable(first, name) == null || variable(second, name) == null;
            if (isOneAlone && OF_DOORS.stream().anyMatch(name::startsWith)) {
                refuseOther(second, name, first);
            }
        }
    }

    private static void refuseOther(TemplateResource function, String name, TemplateResource first) {
        function.refuse(VARIABLES, name + " is another one than that of " + first.id() + "; here they have the same");
    }
}
