using ZohoPlatform.Bench;

if (args is ["--serve", var server])
{
    await ServerHost.RunAsync(server);
    return 0;
}

if (!Arguments.TryParse(args, out var arguments, out var mistake))
{
    await Console.Error.WriteLineAsync($"{mistake}\n{Arguments.Usage}");
    return 2;
}

if (arguments.List)
{
    foreach (var scenario in Scenario.All)
    {
        Console.WriteLine($"{scenario.Name,-24}{scenario.Measures}");
    }

    return 0;
}

#if DEBUG
await Console.Error.WriteLineAsync("This is a debug build: its figures mean nothing. Use -c Release.");
#endif

var report = new Report(Machine.Facts(), arguments.Json);

foreach (var scenario in arguments.Scenarios)
{
    report.Add(await scenario.RunAsync(arguments.Rounds ?? scenario.Rounds));
}

report.Finish();
return report.Passed ? 0 : 1;
