// A small application whose parts are chosen by configuration, for tests that need a launch as a process of its own.
using Microsoft.Extensions.Configuration;

var builder = DistributedApplication.CreateBuilder(args);
var port = builder.Configuration.GetValue<int?>("Demo:Port");

var echo = builder.AddProject<Projects.EchoService>("echo")
    .WithHttpEndpoint(port: port, name: "front")
    .WithHttpHealthCheck("/health", endpointName: "http")
    .WithEnvironment("Echo__DieAtStart", builder.Configuration["Demo:DieAtStart"])
    .WithEnvironment("Echo__Stubborn", builder.Configuration["Demo:Stubborn"])
    .WithEnvironment("GENERATED",
        builder.AddParameter("generated", new GenerateParameterDefault { MinLength = 40, Special = false }, secret: true, persist: true))
    .WithExternalHttpEndpoints();

if (builder.Configuration["Demo:Servers"] == "true")
{
    var data = builder.Configuration["Demo:Data"]!;
    var postgres = builder.AddPostgres("postgres").WithDataBindMount(Path.Combine(data, "postgres"));
    var database = postgres.AddDatabase("things");
    var redis = builder.AddRedis("redis").WithDataBindMount(Path.Combine(data, "redis"));
    echo.WithReference(database).WithReference(redis).WaitFor(database).WaitFor(redis);
}

builder.Build().Run();
