package ai.dialog.model.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.dialog.model.ModelException;
import ai.dialog.model.Precision;
import ai.djl.Device;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TorchEngineTest {
    private static final CpuFeatures PLAIN = new CpuFeatures(Set.of("avx2"), 2);
    private static final CpuFeatures AMX = new CpuFeatures(Set.of("avx2", "amx_bf16"), 2);

    @Test
    void autoTakesTheFirstCudaDeviceWhereThereIsOne() {
        assertThat(TorchEngine.device(0, "auto")).isEqualTo(Device.cpu());
        assertThat(TorchEngine.device(2, "auto")).isEqualTo(Device.gpu(0));
        assertThat(TorchEngine.device(2, "cpu")).isEqualTo(Device.cpu());
        assertThat(TorchEngine.device(2, "cuda")).isEqualTo(Device.gpu(0));
        assertThat(TorchEngine.device(2, "cuda:1")).isEqualTo(Device.gpu(1));
    }

    @Test
    void absentOrUnknownDevicesAreRefusedByName() {
        assertThatThrownBy(() -> TorchEngine.device(0, "cuda"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("'cuda'")
                .hasMessageContaining("no CUDA device");
        assertThatThrownBy(() -> TorchEngine.device(2, "cuda:2")).hasMessageContaining("2 CUDA device(s)");
        assertThatThrownBy(() -> TorchEngine.device(2, "tpu")).hasMessageContaining("unknown device 'tpu'");
        assertThatThrownBy(() -> TorchEngine.device(2, "cuda:-1")).hasMessageContaining("unknown device");
    }

    @Test
    void precisionIsTheFastestThatTheHardwareComputesIn() {
        CpuFeatures both = CpuFeatures.parse("flags : fpu avx2 avx512_vnni avx512_bf16", 1);
        CpuFeatures vnni = CpuFeatures.parse("flags : fpu avx2 avx512_vnni", 1);
        assertThat(TorchLoader.precision(Device.cpu(), both)).isEqualTo(Precision.INT8);
        assertThat(TorchLoader.precision(Device.cpu(), vnni)).isEqualTo(Precision.FLOAT32);
        assertThat(TorchLoader.precision(Device.gpu(), both)).isEqualTo(Precision.BFLOAT16);
        assertThat(TorchLoader.precision(Device.cpu(), PLAIN)).isEqualTo(Precision.FLOAT32);
        assertThat(TorchLoader.precision(Device.cpu(), AMX)).isEqualTo(Precision.BFLOAT16);
        assertThat(TorchLoader.precision(Device.gpu(), PLAIN)).isEqualTo(Precision.BFLOAT16);
    }

    @Test
    void processorIsReadFromTheKernel() {
        String info = """
                processor	: 0
                physical id	: 0
                core id		: 0
                flags		: fpu avx2 avx512_bf16

                processor	: 1
                physical id	: 0
                core id		: 0
                flags		: fpu avx2 avx512_bf16

                processor	: 2
                physical id	: 0
                core id		: 1
                flags		: fpu avx2 avx512_bf16
                """;
        CpuFeatures cpu = CpuFeatures.parse(info, 3);
        assertThat(cpu.cores()).as("two threads of one core count once").isEqualTo(2);
        assertThat(cpu.hasBfloat16()).isTrue();
        assertThat(CpuFeatures.parse(info, 1).cores()).isEqualTo(1);
        assertThat(CpuFeatures.parse("", 4).cores()).isEqualTo(4);
        assertThat(CpuFeatures.parse("", 4).hasBfloat16()).isFalse();
    }

    @Test
    void int8NeedsAProcessorThatHasItAndTakesABitLessWithoutVnni() {
        CpuFeatures plain = CpuFeatures.parse("flags : fpu avx2", 1);
        CpuFeatures fast = CpuFeatures.parse("flags : fpu avx2 avx512_vnni avx512_bf16", 1);
        assertThat(TorchLoader.ways(Precision.INT8, Device.cpu(), plain))
                .containsExactly(new TorchLoader.Way(Kernel.FBGEMM_INT8_REDUCED, false));
        assertThat(TorchLoader.ways(Precision.INT8, Device.cpu(), fast))
                .containsExactly(new TorchLoader.Way(Kernel.FBGEMM_INT8, true));
        CpuFeatures tiles = CpuFeatures.parse("flags : fpu avx2 avx512_vnni avx512_bf16 amx_bf16 amx_tile amx_int8", 1);
        assertThat(TorchLoader.ways(Precision.INT8, Device.cpu(), tiles))
                .containsExactly(new TorchLoader.Way(Kernel.INT8_TILES, true));
        assertThat(TorchLoader.ways(Precision.BFLOAT16, Device.cpu(), tiles))
                .first()
                .isEqualTo(new TorchLoader.Way(Kernel.ONE_DNN_TILES, true));
        assertThat(TorchLoader.ways(Precision.BFLOAT16, Device.cpu(), fast))
                .first()
                .isEqualTo(new TorchLoader.Way(Kernel.ONE_DNN, true));
        assertThat(TorchLoader.ways(Precision.INT8, Device.cpu(), tiles.withoutTiles()))
                .containsExactly(new TorchLoader.Way(Kernel.FBGEMM_INT8, true));
        CpuFeatures other = CpuFeatures.parse("Features : fp asimd", 1);
        assertThatThrownBy(() -> TorchLoader.ways(Precision.INT8, Device.cpu(), other))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("--precision");
        assertThatThrownBy(() -> TorchLoader.ways(Precision.INT8, Device.gpu(), fast))
                .isInstanceOf(ModelException.class);
    }
}
