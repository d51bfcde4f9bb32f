package io.topicstream.gateway.definition;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which resources of a template name which others, by `Ref`, `Fn::GetAtt`, `Fn::Sub` and `DependsOn`.
final class References {
    private References() {}

    /// Refuses resources that need each other in a circle, as CloudFormation does.
    static void requireNoCircle(Template template, Problems problems) {
        Map<String, Set<String>> needs = new LinkedHashMap<>();
        template.resources().forEach((id, resource) -> needs.put(id, neededBy(resource, template)));
        Deque<String> free = new ArrayDeque<>();
        Map<String, Integer> open = new HashMap<>();
        Map<String, List<String>> neededFor = new HashMap<>();
        needs.forEach((id, others) -> {
            open.put(id, others.size());
            others.forEach(other ->
                    neededFor.computeIfAbsent(other, _ -> new ArrayList<>()).add(id));
            if (others.isEmpty()) {
                free.add(id);
            }
        });
        while (!free.isEmpty()) {
            String done = free.remove();
            needs.remove(done);
            for (String waiting : neededFor.getOrDefault(done, List.of())) {
                if (open.merge(waiting, -1, Integer::sum) == 0) {
                    free.add(waiting);
                }
            }
        }
        if (!needs.isEmpty()) {
            List<String> circle = circle(needs);
            @Nullable Resource first = template.resources().get(circle.getFirst());
            problems.error(
                    template.file(),
                    first == null ? 0 : first.line(),
                    circle.getFirst(),
                    "needs itself: " + String.join(" → ", circle));
        }
    }

    /// A circle among resources each of which needs another of them.
    private static List<String> circle(Map<String, Set<String>> needs) {
        List<String> way = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        String at = needs.keySet().iterator().next();
        while (seen.add(at)) {
            way.add(at);
            at = needs.getOrDefault(at, Set.of()).stream()
                    .filter(needs::containsKey)
                    .findFirst()
                    .orElseThrow();
        }
        List<String> circle = new ArrayList<>(way.subList(way.indexOf(at), way.size()));
        circle.add(at);
        return circle;
    }

    /// What CloudFormation makes before a resource: all that it needs, near and far.
    static Set<String> before(Template template, String id) {
        Set<String> before = new HashSet<>();
        Deque<String> left = new ArrayDeque<>(List.of(id));
        while (!left.isEmpty()) {
            @Nullable Resource resource = template.resources().get(left.remove());
            if (resource != null) {
                for (String needed : neededBy(resource, template)) {
                    if (before.add(needed)) {
                        left.add(needed);
                    }
                }
            }
        }
        return before;
    }

    private static Set<String> neededBy(Resource resource, Template template) {
        Set<String> ids = new HashSet<>(Template.dependencies(resource));
        // SAM makes several resources of one, and these need not need each other.
        boolean isSam = resource.type().startsWith("AWS::Serverless::");
        if (!isSam || resource.type().equals(Serverless.FUNCTION)) {
            resource.properties().members().forEach((name, value) -> {
                if (!isSam || !(name.equals("Events") || name.equals("Policies"))) {
                    collect(value, ids);
                }
            });
        }
        ids.retainAll(template.resources().keySet());
        return ids;
    }

    private static void collect(Node root, Set<String> ids) {
        Deque<Node> left = new ArrayDeque<>();
        left.add(root);
        while (!left.isEmpty()) {
            switch (left.remove()) {
                case Node.Text _, Node.Nothing _ -> {}
                case Node.Items list -> left.addAll(list.items());
                case Node.Members map -> {
                    if (Node.isCall(map)) {
                        called(map, ids);
                    }
                    left.addAll(map.members().values());
                }
            }
        }
    }

    private static void called(Node.Members call, Set<String> ids) {
        Map.Entry<String, Node> one = call.members().entrySet().iterator().next();
        @Nullable
        Node name = one.getValue() instanceof Node.Items parts && !parts.items().isEmpty()
                ? parts.items().getFirst()
                : one.getValue();
        if (!(name instanceof Node.Text text)) {
            return;
        }
        switch (one.getKey()) {
            case "Ref", "Fn::GetAtt" -> ids.add(text.text().replaceFirst("\\..*", ""));
            case "Fn::Sub" -> {
                String format = text.text();
                int at = format.indexOf("${");
                int end = at < 0 ? -1 : format.indexOf('}', at);
                while (end > 0) {
                    ids.add(format.substring(at + 2, end).strip().replaceFirst("\\..*", ""));
                    at = format.indexOf("${", end);
                    end = at < 0 ? -1 : format.indexOf('}', at);
                }
            }
            default -> {}
        }
    }
}
