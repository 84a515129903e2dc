using ZohoPlatform.EchoService;

// A service that tells what it was given and fails when asked to.
var builder = WebApplication.CreateBuilder(args);
if (builder.Configuration["Echo:DieAtStart"] is { Length: > 0 } lastWords)
{
    Console.Error.WriteLine(lastWords);
    return 7;
}
if (builder.Configuration["Echo:DieWhileFile"] is { Length: > 0 } obstacle && File.Exists(obstacle))
{
    return 8;
}
if (builder.Configuration["Echo:WaitForFile"] is { Length: > 0 } file)
{
    while (!File.Exists(file))
    {
        await Task.Delay(20);
    }
}
if (builder.Configuration["Echo:Stubborn"] == "true")
{
    builder.Services.AddSingleton<IHostLifetime, Stubborn>();
}
var app = builder.Build();
var healthy = true;

app.MapGet("/health", () => healthy ? Results.Ok() : Results.StatusCode(503));
app.MapGet("/environment/{name}", (string name) =>
    Environment.GetEnvironmentVariable(name) is { } value ? Results.Text(value) : Results.NotFound());
app.MapGet("/arguments", () => string.Join(' ', args));
app.MapGet("/folder", () => Directory.GetCurrentDirectory());
app.MapGet("/input", () => Console.In.ReadLine() ?? "closed");
app.MapGet("/pid", () => Environment.ProcessId);
app.MapPost("/unwell", () => healthy = false);
app.MapPost("/say", (string text) => Console.WriteLine(text));
app.MapPost("/end", () => Environment.Exit(3));

await app.RunAsync();
return 0;
