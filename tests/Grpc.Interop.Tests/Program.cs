using System.Globalization;
using ZohoPlatform.Grpc.Interop.Tests;

// the standard service in a process of its own, for the tests that kill it; ends with its input
await using var server = await InteropServer.StartAsync(watchFrames: false, int.Parse(args[0], CultureInfo.InvariantCulture));
Console.WriteLine(server.Address);
await Console.In.ReadToEndAsync();
