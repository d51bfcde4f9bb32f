package io.topicstream.gateway.mapping;

import java.io.Reader;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.velocity.Template;
import org.apache.velocity.context.InternalContextAdapter;
import org.apache.velocity.exception.ResourceNotFoundException;
import org.apache.velocity.runtime.RuntimeConstants;
import org.apache.velocity.runtime.RuntimeInstance;
import org.apache.velocity.runtime.RuntimeServices;
import org.apache.velocity.runtime.parser.ParseException;
import org.apache.velocity.runtime.parser.Token;
import org.apache.velocity.runtime.parser.node.ASTAddNode;
import org.apache.velocity.runtime.parser.node.ASTDirective;
import org.apache.velocity.runtime.parser.node.ASTMulNode;
import org.apache.velocity.runtime.parser.node.Node;
import org.apache.velocity.runtime.parser.node.SimpleNode;
import org.apache.velocity.runtime.resource.Resource;
import org.apache.velocity.runtime.resource.ResourceManager;
import org.apache.velocity.util.introspection.Uberspect;
import org.jspecify.annotations.Nullable;

/// Velocity, cut down to what mapping templates need, and set up as version 1.7 was. Thread-safe.
///
/// It has no resources: nothing can be included, parsed or loaded, and `#include`, `#parse` and `#evaluate`
/// are errors. Values are reached through [TemplateValues] alone, so there is no reflection. Sums of texts
/// and products ask the rendering's budget first, also in texts that are templates themselves.
final class TemplateEngine extends RuntimeInstance {
    private static final Set<String> REFUSED = Set.of("include", "parse", "evaluate");

    /// What templates do wrong is told by exceptions. What Velocity says beside that would fill the log, at
    /// the pace of clients. Held here, since loggers that nobody holds forget their level.
    private static final Logger QUIET = Logger.getLogger("topicstream.velocity");

    private final TemplateValues values = new TemplateValues();

    TemplateEngine(MappingLimits limits) {
        QUIET.setLevel(Level.OFF);
        setProperty(RuntimeConstants.RUNTIME_LOG_NAME, QUIET.getName());
        setProperty(RuntimeConstants.RUNTIME_LOG_REFERENCE_LOG_INVALID, false);
        setProperty(RuntimeConstants.RUNTIME_LOG_METHOD_CALL_LOG_INVALID, false);
        setProperty(RuntimeConstants.RESOURCE_MANAGER_INSTANCE, new NoResources());
        setProperty(RuntimeConstants.UBERSPECT_CLASSNAME, "org.apache.velocity.util.introspection.SecureUberspector");
        setProperty(RuntimeConstants.VM_LIBRARY, "");
        setProperty(RuntimeConstants.VM_PERM_INLINE_LOCAL, true);
        setProperty(RuntimeConstants.MAX_NUMBER_LOOPS, limits.loops());
        setProperty(RuntimeConstants.PARSER_POOL_SIZE, 2);
        // As in 1.7.
        setProperty(RuntimeConstants.CONVERSION_HANDLER_CLASS, "none");
        setProperty(RuntimeConstants.SPACE_GOBBLING, "bc");
        setProperty(RuntimeConstants.CHECK_EMPTY_OBJECTS, false);
        setProperty(RuntimeConstants.PARSER_HYPHEN_ALLOWED, true);
        setProperty(RuntimeConstants.VM_ENABLE_BC_MODE, true);
        init();
        REFUSED.forEach(this::removeDirective);
    }

    @Override
    public Uberspect getUberspect() {
        // The superclass asks before the field is set.
        return values == null ? super.getUberspect() : values;
    }

    @Override
    public SimpleNode parse(Reader reader, Template template) throws ParseException {
        SimpleNode tree = super.parse(reader, template);
        bound(tree);
        return tree;
    }

    /// A refusal with the place of what is refused.
    private static ParseException refusal(ASTDirective directive) {
        Token at = directive.getFirstToken();
        ParseException refusal = new ParseException("#" + directive.getDirectiveName() + " is not available");
        Token before = new Token();
        before.next = at;
        refusal.currentToken = before;
        return refusal;
    }

    /// Puts nodes with bounds in the places of those without.
    private static void bound(Node node) throws ParseException {
        for (int i = 0; i < node.jjtGetNumChildren(); i++) {
            Node child = node.jjtGetChild(i);
            bound(child);
            if (child instanceof ASTDirective directive && REFUSED.contains(directive.getDirectiveName())) {
                throw refusal(directive);
            }
            Node bounded = switch (child) {
                case ASTAddNode sum -> new BoundedSum(sum);
                case ASTMulNode product -> new BoundedProduct(product);
                default -> child;
            };
            node.jjtAddChild(bounded, i);
            bounded.jjtSetParent(node);
        }
    }

    private static void takeChildren(Node from, Node to) {
        for (int i = 0; i < from.jjtGetNumChildren(); i++) {
            to.jjtAddChild(from.jjtGetChild(i), i);
            from.jjtGetChild(i).jjtSetParent(to);
        }
    }

    /// `a + b`, where both may be texts.
    private static final class BoundedSum extends ASTAddNode {
        BoundedSum(ASTAddNode sum) {
            super(sum.getParser(), sum.getType());
            first = sum.getFirstToken();
            last = sum.getLastToken();
            template = sum.getTemplate();
            takeChildren(sum, this);
        }

        @Override
        protected @Nullable Object handleSpecial(
                @Nullable Object left, @Nullable Object right, InternalContextAdapter context) {
            Budget budget = Rendering.current().budget();
            budget.step();
            if (!(left instanceof String) && !(right instanceof String)) {
                return null;
            }
            String leftText = left == null ? jjtGetChild(0).literal() : Values.text(left, budget);
            String rightText = right == null ? jjtGetChild(1).literal() : Values.text(right, budget);
            budget.chars((long) leftText.length() + rightText.length());
            return leftText.concat(rightText);
        }
    }

    /// `a * b`.
    private static final class BoundedProduct extends ASTMulNode {
        BoundedProduct(ASTMulNode product) {
            super(product.getParser(), product.getType());
            first = product.getFirstToken();
            last = product.getLastToken();
            template = product.getTemplate();
            takeChildren(product, this);
        }

        @Override
        public @Nullable Number perform(Number left, Number right, InternalContextAdapter context) {
            Budget budget = Rendering.current().budget();
            budget.step();
            Number result = super.perform(left, right, context);
            Values.check(result, budget);
            return result;
        }
    }

    /// Where templates would come from, had they names.
    private static final class NoResources implements ResourceManager {
        @Override
        public void initialize(RuntimeServices services) {
            // There is nothing to.
        }

        @Override
        public Resource getResource(String name, int type, String encoding) {
            throw new ResourceNotFoundException("there are no resources");
        }

        @Override
        public @Nullable String getLoaderNameForResource(String name) {
            return null;
        }
    }
}
