package io.topicstream.gateway.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.expression.ContextVariables;
import io.topicstream.gateway.expression.Events;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What templates cannot do, whether a careless operator or a client's text asks for it.
class TemplateSafetyTest {
    private static final Templates TEMPLATES = new Templates(MappingLimits.DEFAULT);

    private static String render(Templates templates, String template, GatewayEvent event) {
        return templates.render(templates.parse(template, "T"), event, ContextVariables.of(event), event.json());
    }

    private static String render(String template) {
        return render(TEMPLATES, template, Events.message("{\"n\":2000000000,\"s\":\"x\"}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$input.class.classLoader",
                "$input.getClass().getClassLoader()",
                "#set($s='')$s.class.forName('java.lang.Runtime').getRuntime()",
                "#set($s='')$s.getClass().getMethods()",
                "#set($s='')$s.class.class",
                "#set($s='')$s.class.module",
                "#set($s='')$s.class.getResource('/')",
                "#set($s='')$s.getBytes()",
                "#set($s='')$s.format('%2000000000d', 1)",
                "#set($s='x')$s.repeat(2000000000)",
                "$context.class.classLoader",
                "$input.path('$').getClass().newInstance()",
                "$input.path('$').getClass().getClassLoader()",
                "$util.class.name",
                "$input.wait()",
                "#set($l=[1])$l.parallelStream()",
                "#set($l=[1])$l.forEach('x')",
                "#foreach($i in [1])$foreach.class.classLoader#end",
                "#set($n=1)$n.getInteger('java.home')",
                "$stageVariables.class.protectionDomain"
            })
    void nothingOfJavaIsReached(String template) {
        assertThat(render(template)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "#include('x')",
                "#parse('x')",
                "#evaluate('x')",
                "#set($x=\"#evaluate('$input.body')\")$x",
                "#if(true)\n#parse(\"$x\")\n#end",
                "#{include}('x')"
            })
    void nothingIsIncludedParsedOrEvaluated(String template) {
        assertThatThrownBy(() -> TEMPLATES.parse(template, "RequestTemplates['$default']"))
                .isInstanceOf(MappingException.class)
                .hasMessageContaining("is not available")
                .satisfies(e -> assertThat(((MappingException) e).place()).startsWith("RequestTemplates['$default']"));
    }

    @Test
    void whatAClientSaysIsNoTemplate() {
        GatewayEvent event = Events.message("{\"a\":\"#set($x=1)$x $input.body\"}");

        assertThat(render(TEMPLATES, "$input.path('$.a')", event)).isEqualTo("#set($x=1)$x $input.body");
        assertThat(render(TEMPLATES, "#set($y = \"<$input.path('$.a')>\")$y", event))
                .isEqualTo("<#set($x=1)$x $input.body>");
    }

    @Test
    void errorsNameTheLine() {
        assertThatThrownBy(() -> TEMPLATES.parse("{\n  \"a\": $x,\n  #if(\n}", "ResponseTemplates['k']"))
                .isInstanceOf(MappingException.class)
                .satisfies(e -> assertThat(((MappingException) e).place()).startsWith("ResponseTemplates['k'], line "));
        assertThatThrownBy(() -> TEMPLATES.parse("\n\n #parse('x')", "P"))
                .satisfies(e -> assertThat(((MappingException) e).place()).isEqualTo("P, line 3, column 1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Texts that double.
                "#set($s='aaaaaaaa')#foreach($i in [1..40])#set($s=\"$s$s\")#end",
                "#set($s='aaaaaaaa')#foreach($i in [1..40])#set($s=$s+$s)#end",
                "#set($s='aaaaaaaa')#foreach($i in [1..40])#set($s=$s.concat($s))#end",
                "#set($s='aaaaaaaa')#foreach($i in [1..40])#set($s=$s.replace('a','aa'))#end",
                "#set($s='aaaaaaaa')#foreach($i in [1..40])#set($s=$s.replaceAll('a','aa'))#end",
                "#set($s='aaaaaaaa')#foreach($i in [1..40])#set($s=\"#foreach($j in [1..2])$s#end\")#end",
                "#set($s='aaaaaaaa')#foreach($i in [1..40])#set($s=$util.urlEncode(\"%$s$s\"))#end",
                "#set($l=['a'])#foreach($i in [1..40])#set($q=$l.addAll($l))#end",
                // Numbers, ranges and loops.
                "#set($n=3)#foreach($i in [1..400])#set($n=$n*$n)#end",
                "#set($n=1.5)#foreach($i in [1..400])#set($n=$n*$n)#end#set($b=$n.toString())"
                        + "#foreach($i in [1..1000])#foreach($j in [1..1000])x#end#end",
                "#set($n=$util.parseJson('1e2000'))#foreach($i in [1..20])#set($n=$n*$n)#end#set($n=$n+1)",
                "#set($n=1000000000)#foreach($i in [1..1000])#set($n=$n*1000000000)#end",
                "#set($r=[1..$input.path('$.n')])$r",
                "#set($r=[1..$input.path('$.n')])#set($t='x'+$r)",
                "#set($r=[1..$input.path('$.n')])$r.contains('x')",
                "#foreach($i in [1..1000])#foreach($j in [1..1000])x#end#end",
                "#foreach($i in [1..1000])#foreach($j in [1..1000])#if($i==$j)x#end#end#end",
                // Calls of itself.
                "#macro(m)#m()#m()#m()#m()#end#m()",
                // A value that contains itself.
                "#set($m={'a':1})#set($q=$m.put('self',$m))$m",
                "#set($m=$input.path('$'))#set($q=$m.put('self',$m))$input.json('$')",
                "#set($l=[1])#set($q=$l.add($l))$l.hashCode()",
                // A pattern that never ends.
                "#set($s='aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')$s.replaceAll('(a|aa)+\\1$','')",
                "#set($s='aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')$s.matches('(.*a){20}')",
                // What is not encoded.
                "$util.urlDecode('%')",
                "$util.base64Decode('***')",
                "$input.json('$[')"
            })
    void whatTakesTooMuchFails(String template) {
        long beginNs = System.nanoTime();

        assertThatThrownBy(() -> render(template)).isInstanceOf(TemplateFailure.class);

        // Far above the limit of time: a machine may be slow, but not for ever.
        assertThat(System.nanoTime() - beginNs).isLessThan(30_000_000_000L);
    }

    @Test
    void macrosThatCallEachOtherEndAtTheLimitOfSteps() {
        StringBuilder template = new StringBuilder("#macro(m0)#end");
        for (int i = 1; i <= 15; i++) {
            template.append("#macro(m%d)#m%d()#m%d()#m%d()#m%d()#end".formatted(i, i - 1, i - 1, i - 1, i - 1));
        }

        assertThat(render(template + "#m6()")).isEmpty();
        assertThatThrownBy(() -> render(template + "#m15()"))
                .isInstanceOf(TemplateFailure.class)
                .hasMessageContaining("steps");
    }

    @Test
    void theResultEndsAtItsLimit() {
        Templates small = new Templates(new MappingLimits(1_000, 1_000, 10, 100, 1_000));

        assertThat(render(small, "0123456789", Events.message(""))).hasSize(10);
        assertThatThrownBy(() -> render(small, "0123456789a", Events.message("")))
                .isInstanceOf(TemplateFailure.class);
        assertThatThrownBy(() -> render(small, "$input.body", Events.message("01234567890")))
                .isInstanceOf(TemplateFailure.class);
    }

    @Test
    void stepsEndAtTheirLimit() {
        Templates small = new Templates(new MappingLimits(1_000, 20, 100, 100, 1_000));

        assertThat(render(small, "#foreach($i in [1..20])x#end", Events.message("")))
                .hasSize(20);
        assertThatThrownBy(() -> render(small, "#foreach($i in [1..21])x#end", Events.message("")))
                .isInstanceOf(TemplateFailure.class);
    }

    @Test
    void numbersThatCannotBeDividedAreNothingOfOurs() {
        assertThat(render("#set($n=$util.parseJson('0.3333333333333333333333'))#set($q=1/$n)$q"))
                .startsWith("3.0");
        assertThat(render("#set($q=1/0)[$q]#set($q='x'*2)[$q]#set($q=$nothing+1)"))
                .startsWith("[]");
    }

    @Test
    void aTemplateHasAtMost300Kibibytes() {
        assertThat(TEMPLATES.parse("x".repeat(300 * 1024), "T")).isNotNull();
        assertThatThrownBy(() -> TEMPLATES.parse("x".repeat(300 * 1024 + 1), "T"))
                .isInstanceOf(MappingException.class);
    }

    @Test
    void aTemplateNestedTooDeeplyIsRefusedOrFails() {
        String deep = "#if(true)".repeat(20_000) + "#end".repeat(20_000);

        assertThatThrownBy(() -> render(deep)).isInstanceOfAny(MappingException.class, TemplateFailure.class);
    }

    @Test
    void whatFailedLeavesNothingBehind() {
        assertThatThrownBy(() -> render("#set($left='x')$util.urlDecode('%')")).isInstanceOf(TemplateFailure.class);

        assertThat(render("[$left]")).isEqualTo("[]");
        assertThat(render("#macro(m)one#end#m()")).isEqualTo("one");
        assertThat(render("#m()")).isEqualTo("#m()");
    }
}
