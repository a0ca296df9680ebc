p4 () 
{ 
    k d Escape Escape Escape 1;
    k d Tab Tab;
    k d Home;
    for i in $(seq 1 $1);
    do
        $T send-keys -t d Down;
    done;
    sleep 0.2;
    k d Enter;
    sleep 0.8
}
