package ai.dialog.cloud;

/**
 * What a test of a foreign engine runs beside it: a few lines of Python's standard library, which the images of vLLM, SGLang
 * and DJL Serving have, so that no other image is needed.
 */
final class Probe {

    private Probe() {}

    /** Ends with 0 where the model is loaded. */
    static String health(EngineProfile engine) {
        return "import urllib.request as u;u.urlopen('http://127.0.0.1:%d%s',timeout=5)"
                .formatted(engine.port(), engine.healthPath());
    }

    /** Asks one question; ends with 0 where there is an answer in it. */
    static String chat(EngineProfile engine) {
        String variable = engine.keyVariable();
        String key = variable == null ? "''" : "os.environ['" + variable + "']";
        return """
                import json,os,urllib.request as u
                b=json.dumps({'model':'default','max_tokens':16,'temperature':0,
                  'messages':[{'role':'user','content':'Say hello.'}]}).encode()
                r=u.Request('http://127.0.0.1:%d/v1/chat/completions',b,
                  {'Content-Type':'application/json','Authorization':'Bearer '+%s})
                a=json.load(u.urlopen(r,timeout=120))
                assert a['choices'][0]['message']['content'].strip(),a
                """.formatted(engine.port(), key);
    }
}
