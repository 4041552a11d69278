package ai.dialog.model.torch;

import ai.dialog.model.LanguageModel;
import ai.dialog.model.LoadOptions;
import ai.dialog.model.ModelException;
import ai.dialog.model.ModelInfo;
import ai.dialog.model.Precision;
import ai.dialog.model.Progress;
import ai.dialog.model.checkpoint.Checkpoint;
import ai.dialog.model.checkpoint.ModelConfig;
import ai.dialog.model.checkpoint.TensorNames;
import ai.dialog.model.template.ChatTemplate;
import ai.dialog.model.tokenizer.Tokenizer;
import ai.djl.Device;
import ai.djl.engine.Engine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings a checkpoint into PyTorch. */
public final class TorchLoader {
    private static final Logger LOG = LoggerFactory.getLogger(TorchLoader.class);

    private TorchLoader() {}

    /** A kernel and the element type that it computes in. */
    record Way(Kernel kernel, boolean bfloat16) {}

    /**
     * Loads a checkpoint; the model takes over the tokenizer, and the checkpoint is not needed afterwards.
     *
     * @param tokenizer asked for once, when all else is done: it may still be being made
     * @throws ModelException if it cannot be converted or loaded
     */
    public static LanguageModel load(
            Checkpoint checkpoint,
            Supplier<Tokenizer> tokenizer,
            ChatTemplate chatTemplate,
            LoadOptions options,
            Progress progress) {
        Engine engine = TorchEngine.start(options.threads(), progress);
        Device device = TorchEngine.device(engine, options.device());
        CpuFeatures cpu = CpuFeatures.detect();
        Precision wanted = options.precision() == null ? precision(device, cpu) : options.precision();
        Precision precision = possible(wanted, checkpoint);
        return load(
                checkpoint,
                tokenizer,
                chatTemplate,
                options,
                progress,
                engine,
                device,
                precision,
                ways(precision, device, cpu));
    }

    static LanguageModel load(
            Checkpoint checkpoint,
            Supplier<Tokenizer> tokenizer,
            ChatTemplate chatTemplate,
            LoadOptions options,
            Progress progress,
            Engine engine,
            Device device,
            Precision precision,
            List<Way> ways) {
        ModelConfig config = checkpoint.config();
        TorchScriptArchive archive = new TorchScriptArchive(checkpoint, precision);
        Path file = new ArchiveCache(options.cacheFolder())
                .get(
                        checkpoint.sha256() + "-" + precision.wire(),
                        TorchScriptArchive.codeVersion(),
                        archive.byteSize(),
                        path -> archive.write(path, progress));
        int contextLength = Math.min(
                config.contextLength(), options.contextLength() == null ? Integer.MAX_VALUE : options.contextLength());
        progress.update("Loading " + checkpoint.name(), 0, -1);
        DecoderModule module = new DecoderModule(engine, device, file);
        try {
            Way way = prepare(module, ways, KeyValueCache.tiers(contextLength));
            module.reach(contextLength);
            CLibrary.trimHeap();
            long positionBytes = 2L
                    * config.layers()
                    * config.kvHeads()
                    * config.headSize()
                    * (way.bfloat16() ? Short.BYTES : Float.BYTES);
            KeyValueCache cache = new KeyValueCache(
                    module, options.slots(), contextLength, config.layers(), positionBytes, options.cacheBytes());
            checkRoom(cache, options.cacheBytes());
            ModelInfo info = info(checkpoint, precision, device, archive.parameters());
            return new TorchLanguageModel(
                    info, tokenizer.get(), chatTemplate, module, cache, options.slots(), contextLength);
        } catch (RuntimeException | Error e) {
            module.close();
            throw e;
        }
    }

    private static void checkRoom(KeyValueCache cache, long bytes) {
        if (cache.openBytes() < cache.bytes(1)) {
            throw new ModelException("the memory for keys and values, " + bytes
                    + " bytes, holds no conversation of this model: the shortest takes " + cache.bytes(1)
                    + "; allow more with --cache-memory");
        }
    }

    private static Way prepare(DecoderModule module, List<Way> ways, int tiers) {
        for (Way way : ways) {
            if (module.prepare(way.kernel(), way.bfloat16(), tiers)) {
                return way;
            }
        }
        throw new ModelException("no way of multiplying matrices fits this model's weights");
    }

    /**
     * What is fast without being asked for: int8 on a processor that multiplies it and bfloat16 in hardware, else bfloat16 where
     * the hardware has it. With VNNI alone attention stays in float32, which was not measured.
     */
    static Precision precision(Device device, CpuFeatures cpu) {
        if (!device.isGpu() && cpu.hasInt8() && cpu.hasVnni() && cpu.hasBfloat16()) {
            return Precision.INT8;
        }
        return device.isGpu() || cpu.hasBfloat16() ? Precision.BFLOAT16 : Precision.FLOAT32;
    }

    /**
     * What a model can be computed in: with norms behind the parts of a layer the residual stream cannot be turned, and without
     * the turn int8 costs too much quality.
     */
    private static Precision possible(Precision wanted, Checkpoint checkpoint) {
        if (wanted != Precision.INT8
                || !checkpoint.tensorNames().contains(TensorNames.ATTENTION_POST_NORM.formatted(0))) {
            return wanted;
        }
        LOG.warn(
                "{} is computed in bfloat16: int8 is not supported for {}",
                checkpoint.name(),
                checkpoint.config().architecture());
        return Precision.BFLOAT16;
    }

    /** The ways to compute, best first. */
    static List<Way> ways(Precision precision, Device device, CpuFeatures cpu) {
        if (precision == Precision.INT8) {
            if (device.isGpu() || !cpu.hasInt8()) {
                throw new ModelException("int8 needs a CPU of x86-64 with AVX2; choose another precision with"
                        + " --precision, or the CPU with --device cpu");
            }
            return List.of(new Way(int8(cpu), cpu.hasBfloat16()));
        }
        boolean bfloat16 = precision == Precision.BFLOAT16;
        if (device.isGpu()) {
            return List.of(new Way(Kernel.PLAIN, bfloat16));
        }
        List<Way> ways = new ArrayList<>();
        if (bfloat16) {
            Kernel oneDnn = cpu.hasTiles() ? Kernel.ONE_DNN_TILES : Kernel.ONE_DNN;
            ways.add(cpu.hasBfloat16() ? new Way(oneDnn, true) : new Way(Kernel.FBGEMM_FLOAT16, false));
        }
        ways.add(new Way(Kernel.ONE_DNN, false));
        return ways;
    }

    private static Kernel int8(CpuFeatures cpu) {
        if (!cpu.hasVnni()) {
            return Kernel.FBGEMM_INT8_REDUCED;
        }
        return cpu.hasTiles() ? Kernel.INT8_TILES : Kernel.FBGEMM_INT8;
    }

    private static ModelInfo info(Checkpoint checkpoint, Precision precision, Device device, long parameters) {
        ModelConfig config = checkpoint.config();
        return new ModelInfo(
                checkpoint.name(),
                config.architecture(),
                checkpoint.format(),
                checkpoint.sha256(),
                parameters,
                config.layers(),
                config.contextLength(),
                config.vocabularySize(),
                precision,
                device.isGpu() ? "cuda:" + device.getDeviceId() : "cpu");
    }
}
