package io.topicstream.gateway.definition;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A resource of a template, not yet evaluated.
///
/// @param id its logical id
/// @param type for instance `AWS::ApiGatewayV2::Route`
/// @param properties as written
/// @param attributes what stands beside them: `Condition`, `DependsOn`, `Metadata`
/// @param line where it begins
/// @param places what the properties are called where they were written, if that is elsewhere: of a resource that was
///     made of another one. The empty name is the whole resource
record Resource(
        String id,
        String type,
        Node.Members properties,
        Node.Members attributes,
        int line,
        Map<String, String> places) {
    Resource {
        places = Map.copyOf(places);
    }

    /// A resource that is made of something else that was written.
    static Resource made(String id, String type, Node.Members properties, int line, Map<String, String> places) {
        return new Resource(id, type, properties, Node.Members.NONE, line, places);
    }

    /// Where a property was written, for people.
    String place(String property) {
        if (places.isEmpty()) {
            return id + ".Properties." + property;
        }
        for (String known = property;
                !known.isEmpty();
                known = known.substring(0, Math.max(0, known.lastIndexOf('.')))) {
            @Nullable String place = places.get(known);
            if (place != null) {
                return place + property.substring(known.length());
            }
        }
        return place();
    }

    /// Where the resource was written, for people.
    String place() {
        return places.getOrDefault("", id);
    }

    Resource with(Node.Members other) {
        return new Resource(id, type, other, attributes, line, places);
    }
}
