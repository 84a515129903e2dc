namespace ZohoPlatform.AppModel.Tests;

public sealed class ParametersTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => Path.Combine(_folder.Path, "parameters.json");

    [Fact]
    public async Task A_generated_value_is_kept_for_later_launches_and_readable_by_its_owner_alone()
    {
        var first = await ValueAsync(
            b => b.AddParameter("key", new GenerateParameterDefault { MinLength = 43, Special = false }, secret: true, persist: true));
        var second = await ValueAsync(
            b => b.AddParameter("key", new GenerateParameterDefault { MinLength = 43, Special = false }, secret: true, persist: true));

        Assert.Equal(first, second);
        Assert.Matches("^[A-Za-z0-9]{43}$", first);
        Assert.Equal(32, Convert.FromBase64String($"{first}=").Length);
        Assert.True(OperatingSystem.IsWindows()
            || System.IO.File.GetUnixFileMode(File) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Fact]
    public async Task A_generated_value_that_is_not_kept_is_new_each_time()
    {
        var first = await ValueAsync(b => b.AddParameter("key", new GenerateParameterDefault(), secret: true));
        var second = await ValueAsync(b => b.AddParameter("key", new GenerateParameterDefault(), secret: true));

        Assert.NotEqual(first, second, StringComparer.Ordinal);
        Assert.False(System.IO.File.Exists(File));
    }

    [Fact]
    public async Task Configuration_replaces_a_default()
    {
        Assert.Equal("configured", await ValueAsync(b => b.AddParameter("key", "default"), "Parameters:key=configured"));
        Assert.Equal("default", await ValueAsync(b => b.AddParameter("key", "default")));
    }

    [Fact]
    public async Task A_parameter_without_a_value_stops_the_launch_and_names_the_setting()
    {
        await using var builder = Create();
        builder.AddParameter("key");
        await using var app = await builder.BuildAsync();

        var missing = await Assert.ThrowsAsync<MissingParameterValueException>(() => app.StartAsync());

        Assert.Equal("Parameter 'key' has no value: set Parameters:key (or Parameters__key in the environment).", missing.Message);
    }

    [Fact]
    public async Task A_connection_string_comes_from_configuration_under_its_own_name()
    {
        await using var builder = Create("ConnectionStrings:warehouse=Host=127.0.0.1");
        var resource = builder.AddConnectionString("warehouse");

        Assert.Equal("Host=127.0.0.1", await resource.Resource.GetConnectionStringAsync());
    }

    [Fact]
    public void A_name_is_taken_once()
    {
        using var builder = Create();
        builder.AddParameter("key");

        Assert.Throws<DistributedApplicationException>(() => builder.AddParameter("KEY"));
        Assert.Throws<ArgumentException>(() => builder.AddParameter("a key"));
    }

    public void Dispose() => _folder.Dispose();

    private IDistributedApplicationTestingBuilder Create(params string[] args) =>
        DistributedApplicationTestingBuilder.Create([$"AppHost:StateDirectory={_folder.Path}", .. args]);

    private async Task<string?> ValueAsync(
        Func<IDistributedApplicationBuilder, IResourceBuilder<ParameterResource>> add, params string[] args)
    {
        await using var builder = Create(args);
        return await add(builder).Resource.GetValueAsync();
    }
}
