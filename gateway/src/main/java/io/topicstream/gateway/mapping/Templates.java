package io.topicstream.gateway.mapping;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.expression.ContextVariables;
import io.topicstream.gateway.json.JsonBody;
import java.io.StringReader;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.velocity.Template;
import org.apache.velocity.exception.VelocityException;
import org.apache.velocity.runtime.parser.ParseException;
import org.apache.velocity.runtime.parser.Token;

/// The engine of mapping templates. One serves a whole gateway; thread-safe.
///
/// A template is parsed when its API is loaded, and rendered by whichever thread has a message. A rendering
/// does not wait for anything and ends within [MappingLimits].
public final class Templates {
    /// The most characters of a template.
    public static final int MAX_CHARS = 300 * 1024;

    private final MappingLimits limits;
    private final TemplateEngine engine;
    private final TemplatePaths paths = new TemplatePaths();

    /// An engine, each of whose renderings may take so much.
    public Templates(MappingLimits limits) {
        this.limits = limits;
        this.engine = new TemplateEngine(limits);
    }

    /// Parses a template.
    ///
    /// @param place where it stands, for people
    /// @throws MappingException that names the place, and the line where it is known
    Template parse(String text, String place) {
        if (text.length() > MAX_CHARS) {
            throw new MappingException(place, "A mapping template has at most " + MAX_CHARS + " characters.");
        }
        Template template = new Template();
        template.setRuntimeServices(engine);
        template.setName(place);
        try {
            template.setData(engine.parse(new StringReader(text), template));
            template.initDocument();
        } catch (ParseException e) {
            Token last = e.currentToken;
            String at = last == null || last.next == null
                    ? ""
                    : ", line " + last.next.beginLine + ", column " + last.next.beginColumn;
            throw new MappingException(place + at, "The template is not understood: " + firstLine(e), e);
        } catch (VelocityException e) {
            // A text in the template is a template of its own; what is wrong with it is the cause.
            String inner = e.getCause() instanceof ParseException cause ? " (" + firstLine(cause) + ")" : "";
            throw new MappingException(place, "The template is not understood: " + firstLine(e) + inner, e);
        } catch (StackOverflowError e) {
            throw new MappingException(place, "The template is nested too deeply.", e);
        }
        return template;
    }

    private static String firstLine(Exception e) {
        // How Velocity names the end of a text.
        String message = String.valueOf(e.getMessage()).strip().replace("\"\\u001c\"", "the end");
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end).strip();
    }

    /// Renders a template.
    ///
    /// @param body that `$input` is about
    /// @throws TemplateFailure if it takes too much, or is not made for this body
    String render(Template template, GatewayEvent event, ContextVariables context, JsonBody body) {
        Budget budget = new Budget(limits);
        Map<String, Object> variables = HashMap.newHashMap(8);
        variables.put("input", new InputVariable(body, event.handshake(), paths, budget));
        variables.put("context", context.tree());
        variables.put(
                "stageVariables",
                new LinkedHashMap<String, Object>(event.stage().variables()));
        variables.put("util", new UtilVariable(budget));
        BoundedWriter out = new BoundedWriter(budget);
        Rendering rendering = new Rendering(variables, budget);
        Rendering.set(rendering);
        try {
            template.merge(rendering, out);
            return out.toString();
        } catch (TemplateFailure e) {
            throw e;
        } catch (RuntimeException e) {
            // A division that has no end, for instance: what a client sent must not be an error of ours.
            throw new TemplateFailure(firstLine(e));
        } catch (StackOverflowError e) {
            throw new TemplateFailure("The template goes too deep.");
        } finally {
            Rendering.set(null);
        }
    }
}
